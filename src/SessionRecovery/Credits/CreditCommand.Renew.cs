using SessionRecovery.Credits.Internal;
using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

public abstract partial record CreditCommand
{
    /// <summary>
    /// Extends the lifetime of a reservation, and never shortens it. The command changes the balance and the version only if the
    /// reservation had expired.
    /// </summary>
    public sealed record Renew : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <param name="user">The user.</param>
        /// <param name="reservationId">The id of the reservation.</param>
        /// <param name="attempt">
        /// The attempt number, 1 or more. The attempt number serves as a fencing token, so the store rejects a command with an older
        /// attempt number.
        /// </param>
        /// <param name="lifetime">
        /// The new lifetime, counted from now, 1 second to 24 hours. A reservation that already lasts longer keeps its expiry.
        /// </param>
        /// <exception cref="ArgumentOutOfRangeException">A value is outside its valid range.</exception>
        public Renew(UserId user, Guid reservationId, int attempt, TimeSpan lifetime)
            : base(user)
        {
            CommandArguments.CheckAttempt(attempt);
            CommandArguments.CheckLifetime(lifetime);
            ReservationId = reservationId;
            Attempt = attempt;
            Lifetime = lifetime;
        }

        /// <summary>Gets the id of the reservation.</summary>
        public Guid ReservationId { get; }

        /// <summary>Gets the attempt number, which serves as a fencing token.</summary>
        public int Attempt { get; }

        /// <summary>Gets the new lifetime, counted from the time of the command.</summary>
        public TimeSpan Lifetime { get; }
    }
}
