namespace SessionRecovery.Credits;

/// <summary>What is known of a balance. A known zero is just a zero: it never triggers anything.</summary>
public enum CreditReadStatus
{
    /// <summary>Nothing is known and the store could not be asked. Never shown as a number.</summary>
    Unavailable = 0,

    /// <summary>The store's own answer, within its freshness.</summary>
    Current,

    /// <summary>The store is unreachable; this is the last value it gave.</summary>
    Stale,

    /// <summary>Signed in, but without an account.</summary>
    NotFound,

    /// <summary>The store refused the caller's sign-in.</summary>
    Unauthenticated,
}
