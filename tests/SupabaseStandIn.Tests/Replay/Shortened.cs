using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>Handles texts that the recording shortens to their beginning, end and length.</summary>
internal static partial class Shortened
{
    private const int Longest = 2;

    public static bool IsShortened(string text) => Gap().IsMatch(text);

    public static bool Matches(string recorded, string actual)
    {
        var (beginning, length, end) = Parts(recorded);
        return actual.Length == length && actual.StartsWith(beginning, StringComparison.Ordinal)
            && actual.EndsWith(end, StringComparison.Ordinal);
    }

    /// <summary>
    /// Restores a shortened text to its full length. The omitted part repeats the last one or two characters of the beginning.
    /// </summary>
    public static string Restore(string recorded)
    {
        var (beginning, length, end) = Parts(recorded);
        var unit = beginning[^1] == beginning[^2] ? beginning[^1..] : beginning[^Longest..];
        var text = new StringBuilder(beginning);
        while (text.Length < length - end.Length)
        {
            text.Append(unit[(text.Length - beginning.Length) % unit.Length]);
        }

        return text.Append(end).ToString();
    }

    /// <summary>
    /// Parses the description of a long array, which contains its size in bytes, its number of elements, and its first and last element.
    /// Returns null for any other text.
    /// </summary>
    public static (int Bytes, int Count, JsonNode First, JsonNode Last)? TryReadArray(string recorded) =>
        Array().Match(recorded) is { Success: true } array
        ? (Number(array.Groups[1]), Number(array.Groups[2]), JsonNode.Parse(array.Groups[3].Value)!, JsonNode.Parse(array.Groups[4].Value)!)
        : null;

    private static (string Beginning, int Length, string End) Parts(string recorded)
    {
        var gap = Gap().Match(recorded);
        return (recorded[..gap.Index], Number(gap.Groups[1]), recorded[(gap.Index + gap.Length)..]);
    }

    private static int Number(Group digits) => int.Parse(digits.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("…<([0-9]+) characters(?: in all)?>…?")]
    private static partial Regex Gap();

    [GeneratedRegex("^<([0-9]+) bytes of JSON, array of ([0-9]+); first (.+), last (.+)>$")]
    private static partial Regex Array();
}
