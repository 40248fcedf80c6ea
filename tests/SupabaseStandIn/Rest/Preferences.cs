namespace SupabaseStandIn.Rest;

/// <summary>The <c>Prefer</c> header. What is not known is ignored.</summary>
internal sealed class Preferences
{
    private readonly HashSet<string> _wanted;

    public Preferences(string? header) =>
        _wanted = [.. (header ?? string.Empty).Split([',', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    public bool WantsRows => _wanted.Contains("return=representation");

    public bool Counts => _wanted.Contains("count=exact") || _wanted.Contains("count=planned") || _wanted.Contains("count=estimated");

    public bool Merges => _wanted.Contains("resolution=merge-duplicates");

    public bool Ignores => _wanted.Contains("resolution=ignore-duplicates");

    /// <summary>What is told back, in PostgREST's order.</summary>
    public string Applied(params ReadOnlySpan<string> names)
    {
        var applied = new List<string>();
        foreach (var name in names)
        {
            applied.AddRange(_wanted.Where(one => one.StartsWith(name, StringComparison.Ordinal)));
        }

        return string.Join(", ", applied);
    }
}
