using SessionRecovery.Credits.Internal;
using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

public abstract partial record CreditCommand
{
    /// <summary>Ends a reservation and returns its credits to the user.</summary>
    public sealed record Release : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <param name="user">The user.</param>
        /// <param name="reservationId">The id of the reservation.</param>
        /// <param name="attempt">
        /// The attempt number, 1 or more. The attempt number serves as a fencing token, so a command with an older attempt number changes
        /// nothing.
        /// </param>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="attempt"/> is less than 1.</exception>
        public Release(UserId user, Guid reservationId, int attempt)
            : base(user)
        {
            CommandArguments.CheckAttempt(attempt);
            ReservationId = reservationId;
            Attempt = attempt;
        }

        /// <summary>Gets the id of the reservation.</summary>
        public Guid ReservationId { get; }

        /// <summary>Gets the attempt number, which serves as a fencing token.</summary>
        public int Attempt { get; }
    }
}
