using System.ComponentModel;

namespace SessionRecovery.Credits;

/// <summary>A user's credits as a store reported them at one moment, in whole credits. Immutable.</summary>
[ImmutableObject(true)]
public sealed record CreditBalance
{
    /// <summary>Creates a balance.</summary>
    /// <param name="available">The credits that can be spent now: the posted credits minus <paramref name="held"/>.</param>
    /// <param name="asOf">The time of the read, on the store's clock.</param>
    /// <param name="held">The credits that are reserved for work in progress; 0 or more.</param>
    /// <param name="version">The store's version of the balance; <see langword="null"/> if the store keeps no versions.</param>
    /// <param name="incarnation">
    /// Identifies the store's history in which <paramref name="version"/> counts; a restored database gets a new one.
    /// </param>
    /// <param name="holdExpiresIn">
    /// The time from <paramref name="asOf"/> to the next expiry of a reservation, or <see langword="null"/> without an open reservation.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="held"/>, <paramref name="version"/> or <paramref name="holdExpiresIn"/> is negative.
    /// </exception>
    public CreditBalance(
        long available,
        DateTimeOffset asOf,
        long held = 0,
        long? version = null,
        string? incarnation = null,
        TimeSpan? holdExpiresIn = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(held);
        ArgumentOutOfRangeException.ThrowIfNegative(version ?? 0, nameof(version));
        ArgumentOutOfRangeException.ThrowIfLessThan(holdExpiresIn ?? TimeSpan.Zero, TimeSpan.Zero, nameof(holdExpiresIn));
        Available = available;
        AsOf = asOf;
        Held = held;
        Version = version;
        Incarnation = incarnation;
        HoldExpiresIn = holdExpiresIn;
    }

    /// <summary>Gets the credits that can be spent now.</summary>
    public long Available { get; }

    /// <summary>Gets the credits that are reserved for work in progress.</summary>
    public long Held { get; }

    /// <summary>
    /// Gets the store's version of this balance, which increases with every change; <see langword="null"/> if the store keeps none.
    /// </summary>
    public long? Version { get; }

    /// <summary>Gets the time of the read, on the store's clock.</summary>
    public DateTimeOffset AsOf { get; }

    /// <summary>Gets the identifier of the store's history in which <see cref="Version"/> counts.</summary>
    public string? Incarnation { get; }

    /// <summary>
    /// Gets the time from <see cref="AsOf"/> to the next expiry of a reservation; <see langword="null"/> if there is no open reservation.
    /// </summary>
    public TimeSpan? HoldExpiresIn { get; }
}
