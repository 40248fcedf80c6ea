using System.Globalization;

namespace SupabaseStandIn.Rest;

/// <summary>
/// Represents the preferences in the <c>Prefer</c> headers of a request. If a preference is repeated, its first value is used.
/// </summary>
internal sealed class RestPreferences
{
    private static readonly Dictionary<string, string[]> Known = new()
    {
        ["resolution"] = ["merge-duplicates", "ignore-duplicates"],
        ["missing"] = ["default", "null"],
        ["return"] = ["representation", "headers-only", "minimal"],
        ["count"] = ["exact", "planned", "estimated"],
        ["tx"] = ["commit", "rollback"],
        ["handling"] = ["strict", "lenient"],
    };

    private readonly Dictionary<string, string> _given = [];

    /// <param name="headers">The values of the <c>Prefer</c> headers.</param>
    /// <param name="allowsRollback"><see langword="true"/> if requests may choose between commit and rollback.</param>
    public RestPreferences(IEnumerable<string?> headers, bool allowsRollback)
    {
        var invalid = new List<string>();
        foreach (var preference in headers.SelectMany(header => (header ?? string.Empty).Split(',')).Select(text => text.Trim())
            .Where(text => text.Length > 0))
        {
            var equals = preference.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = equals < 0 ? (preference, string.Empty) : (preference[..equals], preference[(equals + 1)..]);
            if (name == "max-affected" && int.TryParse(value, CultureInfo.InvariantCulture, out _))
            {
                _given.TryAdd(name, value);
            }
            else if (Known.TryGetValue(name, out var values) && values.Contains(value))
            {
                if (name != "tx" || allowsRollback)
                {
                    _given.TryAdd(name, value);
                }
            }
            else if (name != "timezone")
            {
                invalid.Add(preference);
            }
        }

        if (IsStrict && invalid.Count > 0)
        {
            throw new RestException(
                400, "PGRST122", "Invalid preferences given with handling=strict", $"Invalid preferences: {string.Join(", ", invalid)}");
        }
    }

    public bool IsStrict => this["handling"] == "strict";

    public bool WantsRepresentation => this["return"] == "representation";

    public bool WantsRollback => this["tx"] == "rollback";

    public bool WantsCount => this["count"] is not null;

    public int? MaxAffected => IsStrict && this["max-affected"] is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    public string? this[string name] => _given.GetValueOrDefault(name);

    /// <summary>Returns the value of the header <c>Preference-Applied</c>, or null if no preference was applied.</summary>
    public string? Applied(params ReadOnlySpan<string> names)
    {
        var applied = new List<string>();
        foreach (var name in names)
        {
            if (this[name] is { } value && (name != "max-affected" || IsStrict))
            {
                applied.Add($"{name}={value}");
            }
        }

        return applied.Count == 0 ? null : string.Join(", ", applied);
    }
}
