using System.Net;

namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>Represents a response whose body was read completely.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body of the response. The body is never logged, because it may contain a user's data.</param>
/// <param name="RetryAfter">The minimum delay before a retry, or zero.</param>
internal sealed record SupabaseResponse(HttpStatusCode Status, ReadOnlyMemory<byte> Body, TimeSpan RetryAfter)
{
    public bool Succeeded => (int)Status is >= 200 and < 300;
}
