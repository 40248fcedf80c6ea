using System.ComponentModel;

namespace SessionRecovery.Credits;

/// <summary>What a user has, in whole credits, as a store told it at one moment. Immutable.</summary>
[ImmutableObject(true)]
public sealed record CreditBalance
{
    /// <summary>Creates a balance.</summary>
    /// <param name="available">What can be spent now: what was booked less what is held.</param>
    /// <param name="asOf">When the store said so, on the store's clock.</param>
    /// <param name="held">What is reserved for work in progress; not negative.</param>
    /// <param name="version">Rises by one with every change of credits or holds; <see langword="null"/> for a plain table.</param>
    /// <param name="incarnation">Names the life of the store: a database restored from a backup gets a new one, since its versions fell.</param>
    /// <param name="holdExpiresIn">How long after <paramref name="asOf"/> the next hold ends by itself, if there is one.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative <paramref name="held"/>, <paramref name="version"/> or <paramref name="holdExpiresIn"/>.</exception>
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

    /// <summary>Credits that can be spent now.</summary>
    public long Available { get; }

    /// <summary>Credits reserved for work in progress.</summary>
    public long Held { get; }

    /// <summary>The store's version of this balance, or <see langword="null"/> when the store counts none.</summary>
    public long? Version { get; }

    /// <summary>When the store said so, on the store's clock.</summary>
    public DateTimeOffset AsOf { get; }

    /// <summary>The life of the store in which <see cref="Version"/> counts.</summary>
    public string? Incarnation { get; }

    /// <summary>How long after <see cref="AsOf"/> the next hold ends by itself, if there is one.</summary>
    public TimeSpan? HoldExpiresIn { get; }
}
