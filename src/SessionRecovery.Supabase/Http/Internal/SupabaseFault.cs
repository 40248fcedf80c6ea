namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>Specifies the type of a failed response. Only <see cref="TokenRejected"/> means that the user's sign-in is invalid.</summary>
internal enum SupabaseFault
{
    /// <summary>
    /// The request failed because of an outage, a timeout, a rate limit or an unknown response. A command may have taken effect.
    /// </summary>
    Outage = 0,

    /// <summary>A lock could not be acquired in time. Nothing was changed.</summary>
    Busy,

    /// <summary>The user's token was rejected, because it has expired, its key was revoked, or its session has ended.</summary>
    TokenRejected,

    /// <summary>
    /// The server's credentials were rejected, because the gateway rejected the API key or the server's own token is invalid.
    /// </summary>
    KeyRejected,

    /// <summary>The request was denied, because a policy or a grant is missing.</summary>
    Denied,

    /// <summary>The table, column, function or bucket does not exist.</summary>
    NotDefined,

    /// <summary>The object does not exist, or a policy hides it.</summary>
    Missing,

    /// <summary>The object already exists.</summary>
    Exists,

    /// <summary>The request is invalid.</summary>
    Invalid,
}
