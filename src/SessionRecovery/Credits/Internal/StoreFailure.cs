using SessionRecovery.Shared;

namespace SessionRecovery.Credits.Internal;

/// <summary>Classifies the exceptions that a credit store throws.</summary>
internal static class StoreFailure
{
    /// <summary>
    /// Returns a value that indicates whether a retry may succeed while the caller is waiting. A call is not retried if the store requests
    /// a delay that is longer than the maximum.
    /// </summary>
    public static bool IsTransient(Exception exception) => exception is CreditStoreException store
        ? store.IsTransient && RetryDelays.IsAcceptable(store.RetryAfter)
        : IsOutage(exception);

    /// <summary>
    /// Returns a value that indicates whether the exception means that the store did not respond. Exceptions for invalid arguments indicate
    /// an error in the calling code and are not caught.
    /// </summary>
    public static bool IsOutage(Exception exception) => exception is not (ArgumentException or NotSupportedException);
}
