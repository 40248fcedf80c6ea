namespace SessionRecovery.Credits;

/// <summary>The result of a command, with the balance after it where the store reported one. Immutable.</summary>
public sealed record CreditCommandResult
{
    /// <summary>Creates a result.</summary>
    /// <param name="status">The status.</param>
    /// <param name="balance">The balance after the command, if the store reported one.</param>
    public CreditCommandResult(CreditCommandStatus status, CreditBalance? balance = null)
    {
        Status = status;
        Balance = balance;
    }

    /// <summary>Gets a result for a command without a response, which may have taken effect.</summary>
    public static CreditCommandResult Unknown { get; } = new(CreditCommandStatus.Unknown);

    /// <summary>Gets a result for a command that did not take effect because the store was busy.</summary>
    public static CreditCommandResult Busy { get; } = new(CreditCommandStatus.Busy);

    /// <summary>Gets the status.</summary>
    public CreditCommandStatus Status { get; }

    /// <summary>Gets the current balance. It may be later than the effect if this is a replay.</summary>
    public CreditBalance? Balance { get; }

    /// <summary>Gets a value that indicates whether the effect happened before and this result repeats it.</summary>
    public bool Replayed { get; init; }

    /// <summary>Gets a value that indicates whether an initialize command created the account.</summary>
    public bool Created { get; init; }

    /// <summary>Gets the reservation that the command concerns; <see langword="null"/> for other commands.</summary>
    public Guid? ReservationId { get; init; }

    /// <summary>Gets the attempt number of the reservation, the fencing token of later commands; 1 for the first attempt.</summary>
    public int Attempt { get; init; }

    /// <summary>Gets the amount that the command required, if the available credits did not suffice.</summary>
    public long? Required { get; init; }

    /// <summary>Gets the maximum time for which another lease owner may still hold the key.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Gets the stored response of a key that was captured before.</summary>
    public StoredResponse? Response { get; init; }

    /// <summary>Gets a value that indicates whether the command took effect, now or before.</summary>
    public bool Succeeded => Status is CreditCommandStatus.Done or CreditCommandStatus.AlreadyCaptured;
}
