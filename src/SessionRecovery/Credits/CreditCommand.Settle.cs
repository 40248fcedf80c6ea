using SessionRecovery.Credits.Internal;
using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

public abstract partial record CreditCommand
{
    /// <summary>
    /// Spends a part of the credits of a reservation, returns the rest to the user in the same change, and stores the response to the paid
    /// request. The command is used for work whose price is known only after the work.
    /// </summary>
    public sealed record Settle : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <param name="user">The user.</param>
        /// <param name="reservationId">The id of the reservation.</param>
        /// <param name="attempt">
        /// The attempt number, 1 or more. The attempt number serves as a fencing token, so only the current attempt can be settled.
        /// </param>
        /// <param name="amount">
        /// The amount that is charged, in whole credits, 0 to the reserved amount. The store rejects a higher amount
        /// (<see cref="CreditCommandStatus.ExceedsReservation"/>).
        /// </param>
        /// <param name="response">The response that a repeated request will receive.</param>
        /// <exception cref="ArgumentOutOfRangeException">A value is outside its valid range.</exception>
        public Settle(UserId user, Guid reservationId, int attempt, long amount, StoredResponse? response = null)
            : base(user)
        {
            CommandArguments.CheckAttempt(attempt);
            CommandArguments.CheckAmount(amount, min: 0);
            ReservationId = reservationId;
            Attempt = attempt;
            Amount = amount;
            Response = response;
        }

        /// <summary>Gets the id of the reservation.</summary>
        public Guid ReservationId { get; }

        /// <summary>Gets the attempt number, which serves as a fencing token.</summary>
        public int Attempt { get; }

        /// <summary>Gets the amount that is charged, in whole credits.</summary>
        public long Amount { get; }

        /// <summary>Gets the response that a repeated request will receive.</summary>
        public StoredResponse? Response { get; }
    }
}
