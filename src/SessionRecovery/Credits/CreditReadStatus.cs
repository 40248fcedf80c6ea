namespace SessionRecovery.Credits;

/// <summary>The status of a balance read.</summary>
public enum CreditReadStatus
{
    /// <summary>The store could not be read and no usable value is cached. Never shown as a number.</summary>
    Unavailable = 0,

    /// <summary>The store's value, within its cache duration. On the wire: <c>known</c>.</summary>
    Current,

    /// <summary>The store is unreachable; the result carries the last known value.</summary>
    Stale,

    /// <summary>The user is signed in and has no account. On the wire: <c>missing</c>.</summary>
    NotFound,

    /// <summary>The store rejected the caller's access token.</summary>
    Unauthenticated,
}
