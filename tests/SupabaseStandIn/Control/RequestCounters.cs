using System.Collections.Concurrent;

namespace SupabaseStandIn.Control;

/// <summary>Counts requests by method and path, including faulty requests and excluding preflights.</summary>
internal sealed class RequestCounters
{
    private readonly ConcurrentDictionary<string, int> _counts = new();

    public IReadOnlyDictionary<string, int> Snapshot() => new SortedDictionary<string, int>(_counts, StringComparer.Ordinal);

    /// <summary>All grants share one path, so the query is part of the name for <c>/token</c>.</summary>
    public void Add(string method, string path, string query)
    {
        var key = path.EndsWith("/token", StringComparison.Ordinal) && query.Length > 0 ? $"{method} {path}?{query}" : $"{method} {path}";
        _counts.AddOrUpdate(key, 1, (_, count) => count + 1);
    }

    public void Reset() => _counts.Clear();
}
