using System.Diagnostics.CodeAnalysis;

namespace SessionRecovery.Credits;

/// <summary>What a caller gets: a status and perhaps a balance. Never a number that stands for an error.</summary>
public readonly record struct CreditReading
{
    private CreditReading(CreditReadingStatus status, CreditBalance? balance = null, TimeSpan age = default)
    {
        Status = status;
        Balance = balance;
        Age = age;
    }

    /// <summary>What is known. The default is <see cref="CreditReadingStatus.Unavailable"/>.</summary>
    public CreditReadingStatus Status { get; }

    /// <summary>The balance; present when <see cref="HasBalance"/>.</summary>
    public CreditBalance? Balance { get; }

    /// <summary>How long ago a stale value was read; zero otherwise.</summary>
    public TimeSpan Age { get; }

    /// <summary>Whether there is a number to show: <see cref="CreditReadingStatus.Known"/> or <see cref="CreditReadingStatus.Stale"/>.</summary>
    [MemberNotNullWhen(true, nameof(Balance))]
    public bool HasBalance => Balance is not null;

    /// <summary>Nothing is known.</summary>
    public static CreditReading Unavailable => default;

    /// <summary>Signed in, but without an account.</summary>
    public static CreditReading Missing => new(CreditReadingStatus.Missing);

    /// <summary>The store refused the caller's sign-in.</summary>
    public static CreditReading Unauthenticated => new(CreditReadingStatus.Unauthenticated);

    /// <summary>The store's own answer.</summary>
    public static CreditReading Known(CreditBalance balance)
    {
        ArgumentNullException.ThrowIfNull(balance);
        return new(CreditReadingStatus.Known, balance);
    }

    /// <summary>The last known value while the store is unreachable.</summary>
    /// <param name="balance">The last value.</param>
    /// <param name="age">How long ago it was read; not negative.</param>
    public static CreditReading Stale(CreditBalance balance, TimeSpan age)
    {
        ArgumentNullException.ThrowIfNull(balance);
        ArgumentOutOfRangeException.ThrowIfLessThan(age, TimeSpan.Zero);
        return new(CreditReadingStatus.Stale, balance, age);
    }
}
