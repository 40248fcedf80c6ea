namespace SessionRecovery.Credits;

/// <summary>Specifies the result of a command.</summary>
public enum CreditCommandStatus
{
    /// <summary>
    /// No response arrived, so the command may have taken effect. The command can always be repeated safely with the same key.
    /// </summary>
    Unknown = 0,

    /// <summary>
    /// The command took effect now, or the same command had already taken effect earlier (<see cref="CreditCommandResult.Replayed"/>).
    /// </summary>
    Done,

    /// <summary>
    /// A reservation with this key was already captured. <see cref="CreditCommandResult.Response"/> is the stored response. Only
    /// <see cref="CreditCommand.Reserve"/> returns this status.
    /// </summary>
    AlreadyCaptured,

    /// <summary>
    /// Another lease owner uses the key. <see cref="CreditCommandResult.RetryAfter"/> is the maximum remaining time. Only
    /// <see cref="CreditCommand.Reserve"/> returns this status.
    /// </summary>
    InProgress,

    /// <summary>The available credits do not suffice. Nothing was changed, and the key can be used again.</summary>
    Insufficient,

    /// <summary>The key was already used for another amount, another request or another type of command.</summary>
    KeyConflict,

    /// <summary>The user has no account.</summary>
    NotInitialized,

    /// <summary>The reservation has expired, and the available credits no longer suffice.</summary>
    Expired,

    /// <summary>The reservation has already ended in a way that excludes the command, or this user has no such reservation.</summary>
    AlreadyClosed,

    /// <summary>A later attempt has taken over the reservation, so a command of the earlier attempt has no effect.</summary>
    Superseded,

    /// <summary>
    /// The store was busy or is configured incorrectly, or the command arrived after its deadline. Nothing was changed.
    /// </summary>
    Busy,

    /// <summary>
    /// The user has no charge with this id. A charge of another user has the same status. Only <see cref="CreditCommand.Refund"/> returns
    /// this status.
    /// </summary>
    EntryNotFound,

    /// <summary>
    /// The amount exceeds the part of the charge that was not refunded yet. <see cref="CreditCommandResult.Refundable"/> contains this
    /// part. Only <see cref="CreditCommand.Refund"/> returns this status.
    /// </summary>
    ExceedsEntry,

    /// <summary>The balance would exceed 2⁵³ - 1. Nothing was changed, and the key can be used again.</summary>
    ExceedsLimit,

    /// <summary>
    /// The amount exceeds the reservation. Nothing was changed, and the reservation stays open. Only <see cref="CreditCommand.Settle"/>
    /// returns this status.
    /// </summary>
    ExceedsReservation,
}
