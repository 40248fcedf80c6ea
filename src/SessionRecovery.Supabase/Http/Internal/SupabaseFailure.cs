namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>A failed answer: what it means, the code that it carried, and the least wait that it asked for.</summary>
/// <param name="Fault">What it means for us.</param>
/// <param name="Code">The stable code of the answer, or its HTTP status; fit for a log.</param>
/// <param name="RetryAfter">From <c>Retry-After</c>; zero when none was sent, and PostgREST always sends zero.</param>
internal readonly record struct SupabaseFailure(SupabaseFault Fault, string Code, TimeSpan RetryAfter = default)
{
    /// <summary>Whether asking again later could help; the rest is for whoever set the project up.</summary>
    public bool IsTransient => Fault is SupabaseFault.Outage or SupabaseFault.Busy;
}
