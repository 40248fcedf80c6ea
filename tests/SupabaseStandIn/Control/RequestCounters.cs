using System.Collections.Concurrent;

namespace SupabaseStandIn.Control;

/// <summary>How often what was asked for, preflights apart, faulty requests included.</summary>
internal sealed class RequestCounters
{
    private readonly ConcurrentDictionary<string, int> _counts = new();

    public IReadOnlyDictionary<string, int> Snapshot() => new SortedDictionary<string, int>(_counts, StringComparer.Ordinal);

    /// <summary>All grants share one path, so for <c>/token</c> the query belongs to the name.</summary>
    public void Add(string method, string path, string query)
    {
        var key = path.EndsWith("/token", StringComparison.Ordinal) && query.Length > 0 ? $"{method} {path}?{query}" : $"{method} {path}";
        _counts.AddOrUpdate(key, 1, (_, count) => count + 1);
    }

    public void Reset() => _counts.Clear();
}
