namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>What a failed answer means for us. Only <see cref="TokenRejected"/> says anything about the sign-in.</summary>
internal enum SupabaseFault
{
    /// <summary>No answer that we know: an outage, a time-out, a limit. It may have happened.</summary>
    Outage = 0,

    /// <summary>Not now, and surely nothing happened: a lock was not had in time.</summary>
    Busy,

    /// <summary>The user's token was refused: expired, signed with a key that is gone, or of a session that is over.</summary>
    TokenRejected,

    /// <summary>The API key was refused, by the gateway or because the server's own token is bad.</summary>
    KeyRejected,

    /// <summary>The caller may not do this: a policy or a grant is missing.</summary>
    Denied,

    /// <summary>There is no such table, column, function or bucket.</summary>
    NotDefined,

    /// <summary>There is no such object, or a policy hides it.</summary>
    Missing,

    /// <summary>It is there already.</summary>
    Exists,

    /// <summary>The request makes no sense to the server.</summary>
    Invalid,
}
