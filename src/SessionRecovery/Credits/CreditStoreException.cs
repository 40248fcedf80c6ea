namespace SessionRecovery.Credits;

/// <summary>
/// Thrown by a credit store or a credit reader when a call failed. The exception specifies whether the call may be retried.
/// </summary>
/// <remarks>
/// SessionRecovery logs the exception and its inner exceptions. The messages of these exceptions must not contain a token, a key, a
/// connection string or a response body. Any other exception from a store is treated as transient, except <see cref="ArgumentException"/>
/// and <see cref="NotSupportedException"/>.
/// </remarks>
public sealed class CreditStoreException : Exception
{
    /// <summary>Creates an exception.</summary>
    /// <param name="message">The message for the log, which must not contain secrets.</param>
    /// <param name="isTransient"><see langword="true"/> if the operation may succeed when it is retried.</param>
    /// <param name="retryAfter">The minimum delay before the next attempt, if the store specified one.</param>
    /// <param name="innerException">
    /// The exception that caused this exception, or <see langword="null"/>. The inner exception is also logged.
    /// </param>
    public CreditStoreException(string message, bool isTransient, TimeSpan? retryAfter = null, Exception? innerException = null)
        : base(message, innerException)
    {
        IsTransient = isTransient;
        RetryAfter = retryAfter;
    }

    /// <summary>
    /// Gets a value that indicates whether the operation may succeed when it is retried. A failure that is not transient means that the
    /// store is configured incorrectly and that nothing was changed.
    /// </summary>
    public bool IsTransient { get; }

    /// <summary>
    /// Gets a short code for health reports, for example <c>clock_skew</c>. The default is <see langword="null"/>, which is reported as
    /// <c>unavailable</c>. Users see this code, so it must not contain data of the store.
    /// </summary>
    public string? Reason { get; init; }

    /// <summary>Gets the minimum delay before the next attempt; <see langword="null"/> if the store specified no delay.</summary>
    public TimeSpan? RetryAfter { get; }
}
