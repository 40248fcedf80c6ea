using System.Diagnostics.CodeAnalysis;

namespace SessionRecovery.Credits;

/// <summary>What a caller gets: a status and perhaps a balance. Never a number that stands for an error.</summary>
public readonly record struct CreditReadResult
{
    private CreditReadResult(CreditReadStatus status, CreditBalance? balance = null, TimeSpan age = default)
    {
        Status = status;
        Balance = balance;
        Age = age;
    }

    /// <summary>What is known. The default is <see cref="CreditReadStatus.Unavailable"/>.</summary>
    public CreditReadStatus Status { get; }

    /// <summary>The balance; present when <see cref="HasBalance"/>.</summary>
    public CreditBalance? Balance { get; }

    /// <summary>How long ago a stale value was read; zero otherwise.</summary>
    public TimeSpan Age { get; }

    /// <summary>Whether there is a number to show: <see cref="CreditReadStatus.Current"/> or <see cref="CreditReadStatus.Stale"/>.</summary>
    [MemberNotNullWhen(true, nameof(Balance))]
    public bool HasBalance => Balance is not null;

    /// <summary>Nothing is known.</summary>
    public static CreditReadResult Unavailable => default;

    /// <summary>Signed in, but without an account.</summary>
    public static CreditReadResult NotFound => new(CreditReadStatus.NotFound);

    /// <summary>The store refused the caller's sign-in.</summary>
    public static CreditReadResult Unauthenticated => new(CreditReadStatus.Unauthenticated);

    /// <summary>The store's own answer.</summary>
    public static CreditReadResult Current(CreditBalance balance)
    {
        ArgumentNullException.ThrowIfNull(balance);
        return new(CreditReadStatus.Current, balance);
    }

    /// <summary>The last known value while the store is unreachable.</summary>
    /// <param name="balance">The last value.</param>
    /// <param name="age">How long ago it was read; not negative.</param>
    public static CreditReadResult Stale(CreditBalance balance, TimeSpan age)
    {
        ArgumentNullException.ThrowIfNull(balance);
        ArgumentOutOfRangeException.ThrowIfLessThan(age, TimeSpan.Zero);
        return new(CreditReadStatus.Stale, balance, age);
    }
}
