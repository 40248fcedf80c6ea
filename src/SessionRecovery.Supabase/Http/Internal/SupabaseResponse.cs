using System.Net;

namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>A whole answer, read to its end and let go of.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body; never logged, since it may hold what belongs to a user.</param>
/// <param name="RetryAfter">The least wait that was asked for; zero for none.</param>
internal sealed record SupabaseResponse(HttpStatusCode Status, ReadOnlyMemory<byte> Body, TimeSpan RetryAfter)
{
    public bool Succeeded => (int)Status is >= 200 and < 300;
}
