namespace SessionRecovery.Credits;

/// <summary>
/// Represents the result of a command. The result includes the balance after the command if the store reported a balance. The type is
/// immutable.
/// </summary>
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

    /// <summary>Gets the result of a command for which no response arrived. The command may have taken effect.</summary>
    public static CreditCommandResult Unknown { get; } = new(CreditCommandStatus.Unknown);

    /// <summary>Gets the result of a command that did not take effect because the store was busy.</summary>
    public static CreditCommandResult Busy { get; } = new(CreditCommandStatus.Busy);

    /// <summary>Gets the status.</summary>
    public CreditCommandStatus Status { get; }

    /// <summary>Gets the current balance. If the result is a replay, the balance may include later changes.</summary>
    public CreditBalance? Balance { get; }

    /// <summary>
    /// Gets a value that indicates whether the same command had already taken effect before this call. If so, the result repeats the result
    /// of the first call.
    /// </summary>
    public bool Replayed { get; init; }

    /// <summary>
    /// Gets a value that indicates whether an <see cref="CreditCommand.Initialize"/> or <see cref="CreditCommand.Grant"/> command created
    /// the account.
    /// </summary>
    public bool Created { get; init; }

    /// <summary>
    /// Gets the id of the ledger entry that changed the credits, or <see langword="null"/> if the command did not change the credits. A
    /// repeated command returns the id of its first entry. <see cref="CreditCommand.Refund"/> refers to a charge by this id.
    /// </summary>
    public long? EntryId { get; init; }

    /// <summary>
    /// Gets the part of the charge that can still be refunded, if the status is <see cref="CreditCommandStatus.ExceedsEntry"/>.
    /// </summary>
    public long? Refundable { get; init; }

    /// <summary>Gets the id of the reservation, or <see langword="null"/> if the command does not concern a reservation.</summary>
    public Guid? ReservationId { get; init; }

    /// <summary>Gets the attempt number of the reservation, which starts at 1. Later commands use this number as a fencing token.</summary>
    public int Attempt { get; init; }

    /// <summary>Gets the amount that the command required, if the available credits did not suffice.</summary>
    public long? Required { get; init; }

    /// <summary>Gets the time after which the reservation of another lease owner expires if it is not renewed.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Gets the stored response of a reservation that was captured earlier.</summary>
    public StoredResponse? Response { get; init; }

    /// <summary>Gets a value that indicates whether the command took effect, either now or earlier.</summary>
    public bool Succeeded => Status is CreditCommandStatus.Done or CreditCommandStatus.AlreadyCaptured;
}
