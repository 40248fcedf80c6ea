namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>Represents a failed response with the type of the failure, its code and the minimum delay before a retry.</summary>
/// <param name="Fault">The type of the failure.</param>
/// <param name="Code">The error code of the response, or its HTTP status if there is no code. The value may be logged.</param>
/// <param name="RetryAfter">
/// The delay from the header <c>Retry-After</c>, or zero if the header is missing. PostgREST always sends zero.
/// </param>
internal readonly record struct SupabaseFailure(SupabaseFault Fault, string Code, TimeSpan RetryAfter = default)
{
    /// <summary>
    /// Gets a value that indicates whether a retry may succeed. If the value is <see langword="false"/>, the project's configuration must
    /// be changed first.
    /// </summary>
    public bool IsTransient => Fault is SupabaseFault.Outage or SupabaseFault.Busy;
}
