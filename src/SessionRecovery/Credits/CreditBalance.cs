using System.ComponentModel;

namespace SessionRecovery.Credits;

/// <summary>Represents a user's balance in whole credits, as the store reported it at one moment. The type is immutable.</summary>
[ImmutableObject(true)]
public sealed record CreditBalance
{
    // The fields are not nullable, because one balance is kept in memory per cached user, and nullable fields would need twice the memory.
    // The held credits are an object of their own, because few users have open reservations.
    private const long None = -1;

    private readonly long _version;
    private readonly long _asOfTicks;
    private readonly Hold? _hold;

    /// <summary>Creates a balance.</summary>
    /// <param name="available">
    /// The credits that can be spent now. The available credits do not include the credits in <paramref name="held"/>.
    /// </param>
    /// <param name="asOf">The time at which the store read the balance, on the store's clock.</param>
    /// <param name="held">The credits that are reserved for work in progress. The value must not be negative.</param>
    /// <param name="version">The store's version of the balance, or <see langword="null"/> if the store keeps no versions.</param>
    /// <param name="incarnation">
    /// An identifier of the database history to which <paramref name="version"/> belongs. A restored database gets a new identifier.
    /// </param>
    /// <param name="holdExpiresIn">
    /// The time from <paramref name="asOf"/> to the next expiry of a reservation, or <see langword="null"/> if the user has no open
    /// reservation.
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
        Incarnation = incarnation;
        _asOfTicks = asOf.UtcTicks;
        _version = version ?? None;
        _hold = held == 0 && holdExpiresIn is null ? null : new Hold(held, holdExpiresIn);
    }

    /// <summary>Gets the credits that can be spent now.</summary>
    public long Available { get; }

    /// <summary>Gets the credits that are reserved for work in progress.</summary>
    public long Held => _hold?.Credits ?? 0;

    /// <summary>
    /// Gets the store's version of the balance, which increases with every change, or <see langword="null"/> if the store keeps no
    /// versions.
    /// </summary>
    public long? Version => _version == None ? null : _version;

    /// <summary>Gets the time in UTC at which the store read the balance, on the store's clock.</summary>
    public DateTimeOffset AsOf => new(_asOfTicks, TimeSpan.Zero);

    /// <summary>Gets an identifier of the database history to which <see cref="Version"/> belongs.</summary>
    public string? Incarnation { get; }

    /// <summary>
    /// Gets the time from <see cref="AsOf"/> to the next expiry of a reservation, or <see langword="null"/> if the user has no open
    /// reservation.
    /// </summary>
    public TimeSpan? HoldExpiresIn => _hold?.ExpiresIn;

    private sealed record Hold(long Credits, TimeSpan? ExpiresIn);
}
