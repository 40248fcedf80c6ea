using System.Collections.Concurrent;

namespace SupabaseStandIn.Control;

/// <summary>Counts requests by method and path, including faulty requests and excluding preflights.</summary>
internal sealed class RequestCounters
{
    private readonly ConcurrentDictionary<string, int> _counts = new();

    public IReadOnlyDictionary<string, int> Snapshot() => new SortedDictionary<string, int>(_counts, StringComparer.Ordinal);

    /// <summary>The name of a counter for <c>/token</c> includes the query, because all grants share this path.</summary>
    public void Add(string method, string path, string query)
    {
        var key = path.EndsWith("/token", StringComparison.Ordinal) && query.Length > 0 ? $"{method} {path}?{query}" : $"{method} {path}";
        _counts.AddOrUpdate(key, 1, (_, count) => count + 1);
    }

    public void Reset() => _counts.Clear();
}
