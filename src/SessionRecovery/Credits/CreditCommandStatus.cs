namespace SessionRecovery.Credits;

/// <summary>The status of a command.</summary>
public enum CreditCommandStatus
{
    /// <summary>No response arrived, so the command may have taken effect. Repeating it with the same key is always safe.</summary>
    Unknown = 0,

    /// <summary>The command took effect, or a repeat received the first result (<see cref="CreditCommandResult.Replayed"/>).</summary>
    Done,

    /// <summary>Reserve only: the key was captured before; <see cref="CreditCommandResult.Response"/> is the stored response.</summary>
    AlreadyCaptured,

    /// <summary>
    /// Reserve only: another lease owner holds the key; <see cref="CreditCommandResult.RetryAfter"/> is the maximum remaining time.
    /// </summary>
    InProgress,

    /// <summary>The available credits do not suffice. Nothing was written and the key can be used again.</summary>
    Insufficient,

    /// <summary>The key was used for another amount, another request or another kind of command.</summary>
    KeyConflict,

    /// <summary>The user has no account.</summary>
    NotInitialized,

    /// <summary>The reservation expired and the available credits no longer cover it.</summary>
    Expired,

    /// <summary>The reservation was ended in another way before, or this user has no such reservation.</summary>
    AlreadyClosed,

    /// <summary>A later attempt took over the reservation; this attempt is not captured.</summary>
    Superseded,

    /// <summary>The store was busy or is configured incorrectly, and nothing was changed.</summary>
    Busy,
}
