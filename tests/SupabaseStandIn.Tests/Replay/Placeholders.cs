using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>
/// Maps the placeholders for tokens and ids in the recording to the actual values in the replay. Each placeholder keeps its value during a
/// replay.
/// </summary>
internal sealed partial class Placeholders
{
    private readonly Dictionary<string, string> _known = [];

    public string? this[string name] => _known.GetValueOrDefault(name);

    public void Set(string name, string value) => _known[name] = value;

    /// <summary>
    /// Returns a value that indicates whether the actual text equals the recorded text after its placeholders are replaced. A placeholder
    /// without a value takes its value from the actual text.
    /// </summary>
    public bool Matches(string recorded, string actual)
    {
        var (pattern, met, end) = (new StringBuilder("\\A"), new List<string>(), 0);
        foreach (Match name in Name().Matches(recorded))
        {
            pattern.Append(Regex.Escape(recorded[end..name.Index])).Append(Pattern(name.Groups[1].Value, met));
            end = name.Index + name.Length;
        }

        var match = Regex.Match(actual, pattern.Append(Regex.Escape(recorded[end..])).Append("\\z").ToString(), RegexOptions.Singleline);
        foreach (var (name, value) in match.Success
            ? met.Zip(match.Groups.Values.Skip(1), static (name, group) => (name, group.Value))
            : [])
        {
            _known[name] = value;
        }

        return match.Success;
    }

    public async Task<string> FillAsync(string text, Func<string, Task<string?>> find)
    {
        foreach (var match in Name().Matches(text).DistinctBy(match => match.Value))
        {
            var name = match.Groups[1].Value;
            if ((_known.GetValueOrDefault(name) ?? await find(name)) is { } value)
            {
                _known[name] = value;
                text = text.Replace(match.Value, value, StringComparison.Ordinal);
            }
        }

        return text;
    }

    private string Pattern(string name, List<string> met)
    {
        if (Beginning().Match(name) is { Success: true } beginning)
        {
            var length = int.Parse(beginning.Groups[1].Value, CultureInfo.InvariantCulture);
            return _known.TryGetValue(beginning.Groups[2].Value, out var whole) ? Regex.Escape(whole[..length]) : $".{{{length}}}";
        }

        if (_known.TryGetValue(name, out var value) && !Varies(name))
        {
            return Regex.Escape(value);
        }

        if (met.IndexOf(name) is >= 0 and var before)
        {
            return $"\\{before + 1}";
        }

        met.Add(name);
        return "(.+?)";
    }

    /// <summary>
    /// Returns a value that indicates whether a placeholder may have several values. Two access tokens that were issued in the same second
    /// are equal in the recording, but may differ in the replay. UUIDs are numbered across the whole recording. All signed links share one
    /// placeholder.
    /// </summary>
    private static bool Varies(string name) => name == "signed-token" || name.StartsWith("access:", StringComparison.Ordinal)
        || name.StartsWith("uuid", StringComparison.Ordinal);

    /// <summary>Matches placeholders. A shorter text in angle brackets is not a placeholder, but HTML or Go's <c>&lt;nil&gt;</c>.</summary>
    [GeneratedRegex("<([a-z0-9][^<>]{3,})>", RegexOptions.IgnoreCase)]
    private static partial Regex Name();

    [GeneratedRegex("^first ([0-9]+) characters of (.+)$")]
    private static partial Regex Beginning();
}
