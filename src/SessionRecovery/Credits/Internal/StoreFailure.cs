using SessionRecovery.Shared;

namespace SessionRecovery.Credits.Internal;

/// <summary>Interprets the exceptions of a credit store.</summary>
internal static class StoreFailure
{
    /// <summary>
    /// Returns whether a retry may succeed while the caller still waits. A store that requests a delay beyond the maximum is not retried.
    /// </summary>
    public static bool IsTransient(Exception exception) => exception is CreditStoreException store
        ? store.IsTransient && RetryDelays.IsAcceptable(store.RetryAfter)
        : IsOutage(exception);

    /// <summary>Returns whether an exception means that no response arrived. Misuse is a bug in the caller and is not caught.</summary>
    public static bool IsOutage(Exception exception) => exception is not (ArgumentException or NotSupportedException);
}
