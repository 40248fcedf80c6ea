namespace SessionRecovery.Credits;

/// <summary>How a command ended, with the balance after it where the store gave one. Immutable.</summary>
public sealed record CreditCommandResult
{
    /// <summary>Creates an outcome.</summary>
    public CreditCommandResult(CreditCommandStatus status, CreditBalance? balance = null)
    {
        Status = status;
        Balance = balance;
    }

    /// <summary>No answer came: it may have happened.</summary>
    public static CreditCommandResult Unknown { get; } = new(CreditCommandStatus.Unknown);

    /// <summary>The store was too busy and is sure that nothing happened.</summary>
    public static CreditCommandResult Busy { get; } = new(CreditCommandStatus.Busy);

    /// <summary>How it ended.</summary>
    public CreditCommandStatus Status { get; }

    /// <summary>The balance now, which may be later than the effect when this is a replay.</summary>
    public CreditBalance? Balance { get; }

    /// <summary>Whether this repeats an effect that had happened before.</summary>
    public bool Replayed { get; init; }

    /// <summary>Whether an initialise created the account just now.</summary>
    public bool Created { get; init; }

    /// <summary>The hold that a reserve, extend, capture or release is about.</summary>
    public Guid? Reservation { get; init; }

    /// <summary>For the how-many-th time the work of this key is tried; 1 for the first.</summary>
    public int Attempt { get; init; }

    /// <summary>What the command asked for, when the balance did not suffice.</summary>
    public long? Required { get; init; }

    /// <summary>How long another leaseOwner may still hold the key, at most.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The stored answer of a key that was paid before.</summary>
    public StoredResponse? Response { get; init; }

    /// <summary>Whether the command took effect, now or before.</summary>
    public bool Succeeded => Status is CreditCommandStatus.Done or CreditCommandStatus.AlreadyCaptured;
}
