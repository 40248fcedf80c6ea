using System.Text.RegularExpressions;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>The recorded names of tokens and ids, and what they are here: the same name is always the same string.</summary>
internal sealed partial class Placeholders
{
    private readonly Dictionary<string, string> _known = [];

    public string? this[string name] => _known.GetValueOrDefault(name);

    public void Set(string name, string value) => _known[name] = value;

    /// <summary>Whether the actual string is what the recorded one stands for; a name met for the first time takes what it meets.</summary>
    public bool Accepts(string recorded, string actual)
    {
        var match = Name().Match(recorded);
        if (!match.Success)
        {
            return false;
        }

        var name = match.Groups[1].Value;
        if (match.Length != recorded.Length || name.StartsWith("first ", StringComparison.Ordinal))
        {
            return true;
        }

        if (_known.TryGetValue(name, out var value) && !name.StartsWith("access:", StringComparison.Ordinal) && !name.StartsWith("uuid", StringComparison.Ordinal))
        {
            return value == actual;
        }

        _known[name] = actual;
        return true;
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

    [GeneratedRegex("<([a-z0-9][^<>]*)>", RegexOptions.IgnoreCase)]
    private static partial Regex Name();
}
