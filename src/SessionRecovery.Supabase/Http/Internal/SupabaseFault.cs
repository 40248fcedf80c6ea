namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>The class of a failed response. Only <see cref="TokenRejected"/> concerns the sign-in.</summary>
internal enum SupabaseFault
{
    /// <summary>An outage, a timeout, a limit or an unknown response. A command may have taken effect.</summary>
    Outage = 0,

    /// <summary>A lock was not available in time. Nothing was changed.</summary>
    Busy,

    /// <summary>The user's token was rejected: it has expired, its key was revoked, or its session has ended.</summary>
    TokenRejected,

    /// <summary>The server's credentials were rejected: the gateway refused the API key, or the server's own token is invalid.</summary>
    KeyRejected,

    /// <summary>A policy or a grant is missing.</summary>
    Denied,

    /// <summary>The table, column, function or bucket does not exist.</summary>
    NotDefined,

    /// <summary>The object does not exist, or a policy hides it.</summary>
    Missing,

    /// <summary>The object exists already.</summary>
    Exists,

    /// <summary>The request is invalid.</summary>
    Invalid,
}
