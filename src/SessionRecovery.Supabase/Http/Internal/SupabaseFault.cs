namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>Specifies the type of a failed response. Only <see cref="TokenRejected"/> means that the user's sign-in is invalid.</summary>
internal enum SupabaseFault
{
    /// <summary>
    /// The request failed because of an outage, a timeout, a rate limit or an unknown response. A command may have taken effect.
    /// </summary>
    Outage = 0,

    /// <summary>
    /// The database rolled the request back because of a lock, a statement timeout, a serialization failure or a lack of resources. Nothing
    /// was changed, and a retry may succeed.
    /// </summary>
    Busy,

    /// <summary>The user's token was rejected, because it has expired, its key was revoked, or its session has ended.</summary>
    TokenRejected,

    /// <summary>
    /// The user's token was rejected although it has not expired by this host's clock. The clocks of the host and the project differ, or
    /// the token has another audience.
    /// </summary>
    ClockSkew,

    /// <summary>
    /// The credentials of the server were rejected: the gateway rejected the API key, or the server's own token is invalid.
    /// </summary>
    KeyRejected,

    /// <summary>A policy or a grant is missing, or a policy is invalid.</summary>
    Denied,

    /// <summary>The table, column, function or bucket does not exist, or more than one function matches the call.</summary>
    NotDefined,

    /// <summary>The object does not exist, or a policy hides it.</summary>
    Missing,

    /// <summary>The object already exists.</summary>
    Exists,

    /// <summary>The request is invalid, or the database or the project's own SQL rejected it. Nothing was changed.</summary>
    Invalid,
}
