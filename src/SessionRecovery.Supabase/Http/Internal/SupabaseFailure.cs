namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>A failed response: its class, its code and the minimum delay before a retry.</summary>
/// <param name="Fault">The class of the failure.</param>
/// <param name="Code">The stable code of the response, or its HTTP status. Fit for a log.</param>
/// <param name="RetryAfter">The delay of <c>Retry-After</c>; zero if there was none. PostgREST always sends zero.</param>
internal readonly record struct SupabaseFailure(SupabaseFault Fault, string Code, TimeSpan RetryAfter = default)
{
    /// <summary>
    /// Gets a value that indicates whether a retry may succeed. Other failures must be corrected in the project's configuration.
    /// </summary>
    public bool IsTransient => Fault is SupabaseFault.Outage or SupabaseFault.Busy;
}
