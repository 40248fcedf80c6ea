namespace SessionRecovery.Credits;

/// <summary>Represents one ledger entry, which is one entry of a user's credit history. The type is immutable.</summary>
public sealed record CreditHistoryEntry
{
    /// <summary>Gets the id of the entry, to which a refund refers.</summary>
    public required long Id { get; init; }

    /// <summary>Gets the version of the account after the entry. The versions of an account have no gaps.</summary>
    public required long Version { get; init; }

    /// <summary>Gets the kind of the entry.</summary>
    public required CreditEntryKind Kind { get; init; }

    /// <summary>Gets the change of the balance in whole credits, which is 0 for reservations in progress.</summary>
    public required long Amount { get; init; }

    /// <summary>Gets the change of the held credits.</summary>
    public long HeldDelta { get; init; }

    /// <summary>Gets the balance after the entry, including held credits.</summary>
    public required long Balance { get; init; }

    /// <summary>Gets the time of the entry on the store's clock.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>
    /// Gets the idempotency key of the command that caused the entry, or of the reservation that the entry belongs to. If a request of the
    /// user caused the entry, <see cref="IdempotencyKey.RequestHeader"/> is the value of its <c>Idempotency-Key</c> header.
    /// </summary>
    public IdempotencyKey? Key { get; init; }

    /// <summary>Gets the id of the reservation that the entry belongs to, or <see langword="null"/>.</summary>
    public Guid? ReservationId { get; init; }

    /// <summary>
    /// Gets the id of the earlier entry to which this entry refers: the hold that the entry closes, or the charge that the refund returns.
    /// The value is <see langword="null"/> for all other entries.
    /// </summary>
    public long? RefersTo { get; init; }

    /// <summary>
    /// Gets the operator of an adjustment. In other entries, some stores record another name. The user cannot read this value.
    /// </summary>
    public string? Actor { get; init; }

    /// <summary>Gets the text that explains the entry, or <see langword="null"/>. The user can read the text.</summary>
    public string? Reason { get; init; }
}
