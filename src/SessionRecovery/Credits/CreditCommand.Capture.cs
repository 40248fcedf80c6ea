using SessionRecovery.Credits.Internal;
using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

public abstract partial record CreditCommand
{
    /// <summary>Spends the credits of a reservation and stores the response to the paid request.</summary>
    public sealed record Capture : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <param name="user">The user.</param>
        /// <param name="reservationId">The id of the reservation.</param>
        /// <param name="attempt">
        /// The attempt number, 1 or more. The attempt number serves as a fencing token, so only the current attempt can be captured.
        /// </param>
        /// <param name="response">The response that a repeated request will receive.</param>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="attempt"/> is less than 1.</exception>
        public Capture(UserId user, Guid reservationId, int attempt, StoredResponse? response = null)
            : base(user)
        {
            CommandArguments.CheckAttempt(attempt);
            ReservationId = reservationId;
            Attempt = attempt;
            Response = response;
        }

        /// <summary>Gets the id of the reservation.</summary>
        public Guid ReservationId { get; }

        /// <summary>Gets the attempt number, which serves as a fencing token.</summary>
        public int Attempt { get; }

        /// <summary>Gets the response that a repeated request will receive.</summary>
        public StoredResponse? Response { get; }
    }
}
