namespace SessionRecovery.Credits;

/// <summary>Specifies the status of a balance read.</summary>
public enum CreditReadStatus
{
    /// <summary>The store could not be read, and no usable balance is cached. The result contains no balance.</summary>
    Unavailable = 0,

    /// <summary>
    /// The balance is current: it was read from the store within the cache duration. In HTTP responses, this status is <c>known</c>.
    /// </summary>
    Current,

    /// <summary>The store is unreachable, and the result contains the last known balance.</summary>
    Stale,

    /// <summary>The user is signed in but has no account. In HTTP responses, this status is <c>missing</c>.</summary>
    NotFound,

    /// <summary>The store rejected the caller's access token.</summary>
    Unauthenticated,
}
