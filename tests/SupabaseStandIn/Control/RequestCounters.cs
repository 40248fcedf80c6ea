using System.Collections.Concurrent;

namespace SupabaseStandIn.Control;

/// <summary>Counts requests by method and path. Requests with a fault are counted, and preflight requests are not.</summary>
internal sealed class RequestCounters
{
    private readonly ConcurrentDictionary<string, int> _counts = new();

    public IReadOnlyDictionary<string, int> Snapshot() => new SortedDictionary<string, int>(_counts, StringComparer.Ordinal);

    /// <summary>
    /// For the path <c>/token</c>, the name of the counter includes the query string, because all grant types share this path.
    /// </summary>
    public void Add(string method, string path, string query)
    {
        var key = path.EndsWith("/token", StringComparison.Ordinal) && query.Length > 0 ? $"{method} {path}?{query}" : $"{method} {path}";
        _counts.AddOrUpdate(key, 1, (_, count) => count + 1);
    }

    public void Reset() => _counts.Clear();
}
