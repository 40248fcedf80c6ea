using System.Diagnostics.CodeAnalysis;

namespace SessionRecovery.Credits;

/// <summary>
/// Represents the result of a balance read. The result has a status, and a balance if the balance is known. An error is never returned as a
/// number.
/// </summary>
public readonly record struct CreditReadResult
{
    private CreditReadResult(CreditReadStatus status, CreditBalance? balance = null, TimeSpan age = default)
    {
        Status = status;
        Balance = balance;
        Age = age;
    }

    /// <summary>Gets the result of a read for which the store was not available.</summary>
    public static CreditReadResult Unavailable => default;

    /// <summary>Gets the result of a read for a signed-in user who has no account.</summary>
    public static CreditReadResult NotFound => new(CreditReadStatus.NotFound);

    /// <summary>Gets the result of a read for which the store rejected the caller's access token.</summary>
    public static CreditReadResult Unauthenticated => new(CreditReadStatus.Unauthenticated);

    /// <summary>Gets the status. The default is <see cref="CreditReadStatus.Unavailable"/>.</summary>
    public CreditReadStatus Status { get; }

    /// <summary>Gets the balance. The value is not <see langword="null"/> if <see cref="HasBalance"/> is <see langword="true"/>.</summary>
    public CreditBalance? Balance { get; }

    /// <summary>Gets the age of a stale balance. The value is zero for every other status.</summary>
    public TimeSpan Age { get; }

    /// <summary>
    /// Gets the code of the failure for health reports, from <see cref="CreditStoreException.Reason"/>; <see langword="null"/> if the store
    /// specified no code or the read succeeded.
    /// </summary>
    public string? Reason { get; init; }

    /// <summary>
    /// Gets a value that indicates whether the status is <see cref="CreditReadStatus.Current"/> or <see cref="CreditReadStatus.Stale"/>.
    /// </summary>
    [MemberNotNullWhen(true, nameof(Balance))]
    public bool HasBalance => Balance is not null;

    /// <summary>Creates a result with a current balance.</summary>
    /// <param name="balance">The balance.</param>
    /// <returns>A result with status <see cref="CreditReadStatus.Current"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="balance"/> is <see langword="null"/>.</exception>
    public static CreditReadResult Current(CreditBalance balance)
    {
        ArgumentNullException.ThrowIfNull(balance);
        return new(CreditReadStatus.Current, balance);
    }

    /// <summary>Creates a result with the last known balance, because the store is unreachable.</summary>
    /// <param name="balance">The last known balance.</param>
    /// <param name="age">The time since the balance was read. The value must not be negative.</param>
    /// <returns>A result with status <see cref="CreditReadStatus.Stale"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="balance"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="age"/> is negative.</exception>
    public static CreditReadResult Stale(CreditBalance balance, TimeSpan age)
    {
        ArgumentNullException.ThrowIfNull(balance);
        ArgumentOutOfRangeException.ThrowIfLessThan(age, TimeSpan.Zero);
        return new(CreditReadStatus.Stale, balance, age);
    }
}
