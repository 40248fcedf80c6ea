using SessionRecovery.Credits.Internal;
using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

public abstract partial record CreditCommand
{
    /// <summary>
    /// Takes over a reservation. The command makes the next attempt the current attempt of the reservation, and extends the lifetime as
    /// <see cref="Renew"/> does. After the claim, the reservation has no lease owner, and commands of the earlier attempt return
    /// <see cref="CreditCommandStatus.Superseded"/>. A repeated claim of the same attempt also returns
    /// <see cref="CreditCommandStatus.Superseded"/>.
    /// </summary>
    public sealed record Claim : CreditCommand
    {
        /// <summary>Creates the command.</summary>
        /// <param name="user">The user.</param>
        /// <param name="reservationId">The id of the reservation.</param>
        /// <param name="attempt">The attempt number that is taken over, 1 or more. Only the current attempt can be taken over.</param>
        /// <param name="lifetime">
        /// The new lifetime, counted from now, 1 second to 24 hours. A reservation that already lasts longer keeps its expiry.
        /// </param>
        /// <exception cref="ArgumentOutOfRangeException">A value is outside its valid range.</exception>
        public Claim(UserId user, Guid reservationId, int attempt, TimeSpan lifetime)
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

        /// <summary>Gets the attempt number that is taken over.</summary>
        public int Attempt { get; }

        /// <summary>Gets the new lifetime, counted from the time of the command.</summary>
        public TimeSpan Lifetime { get; }
    }
}
