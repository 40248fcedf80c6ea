using SessionRecovery.Credits;

namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>
/// Thrown when a request to Supabase fails. The message contains the type of the failure and its code, and never contains a URL, a token or
/// the body of a response.
/// </summary>
internal sealed class SupabaseException : Exception
{
    private SupabaseException(SupabaseFailure failure, Exception? inner)
        : base($"Supabase could not serve the request ({failure.Fault}, {failure.Code}).", inner)
    {
        Failure = failure;
    }

    public SupabaseFailure Failure { get; }

    public bool IsTransient => Failure.IsTransient;

    /// <summary>Gets the minimum delay before the next attempt, or <see langword="null"/> if the response specified no delay.</summary>
    public TimeSpan? RetryAfter => Failure.RetryAfter > TimeSpan.Zero ? Failure.RetryAfter : null;

    public static SupabaseException Create(SupabaseFailure failure) => new(failure, inner: null);

    public static SupabaseException NoResponse(Exception inner) =>
        inner is OperationCanceledException ? TimedOut(inner) : new(new SupabaseFailure(SupabaseFault.Outage, "no_connection"), inner);

    /// <summary>Converts the exception to the exception type that a credit store must throw.</summary>
    /// <param name="message">A message for the log that contains more details than the message of this exception.</param>
    public CreditStoreException ToCreditStoreException(string? message = null) =>
        new(message ?? Message, IsTransient, RetryAfter, this)
        {
            Reason = Failure.Fault == SupabaseFault.ClockSkew ? "clock_skew" : null,
        };

    public static SupabaseException TimedOut(Exception inner) => new(new SupabaseFailure(SupabaseFault.Outage, "timed_out"), inner);

    /// <summary>
    /// Creates an exception for a response that cannot be parsed. Callers treat such a response in the same way as a missing response.
    /// </summary>
    public static SupabaseException Unreadable(Exception? inner = null) =>
        new(new SupabaseFailure(SupabaseFault.Outage, "unreadable"), inner);
}
