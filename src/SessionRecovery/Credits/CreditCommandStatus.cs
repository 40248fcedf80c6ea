namespace SessionRecovery.Credits;

/// <summary>How a command ended.</summary>
public enum CreditCommandStatus
{
    /// <summary>No answer came: it may have happened. Repeating it with the same key is safe for ever.</summary>
    Unknown = 0,

    /// <summary>Done, or the first answer of a repeat (<see cref="CreditCommandResult.Replayed"/>). For a reserve: the caller holds.</summary>
    Done,

    /// <summary>Reserve only: this key was paid before; <see cref="CreditCommandResult.Response"/> is what was answered then.</summary>
    AlreadyCaptured,

    /// <summary>Reserve only: another leaseOwner holds this key; <see cref="CreditCommandResult.RetryAfter"/> says for how long at most.</summary>
    InProgress,

    /// <summary>Not enough credits. Nothing was written and the key is not used up.</summary>
    Insufficient,

    /// <summary>The key was used for another amount, another request, or another kind of command.</summary>
    KeyConflict,

    /// <summary>The user has no account.</summary>
    NotInitialized,

    /// <summary>The hold lapsed and the balance no longer covers it.</summary>
    Expired,

    /// <summary>The hold ended another way before, or there is no such hold of this user.</summary>
    AlreadyClosed,

    /// <summary>A later attempt took over; this one is not paid.</summary>
    Superseded,

    /// <summary>The store was too busy and is sure that nothing happened.</summary>
    Busy,
}
