using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>
/// Compares a recorded response with the response of the test double. The comparison covers the status, the relevant headers, the error
/// code and message, and the structure of the body.
/// </summary>
internal sealed partial class Comparison(Placeholders names, IReadOnlyList<string> headers, bool exactValues)
{
    private static readonly string[] GuessedHints = ["PGRST202", "PGRST205"];

    public string? Compare(Exchange exchange, int status, Func<string, string?> header, string text)
    {
        if (status != exchange.Status)
        {
            return $"status {status} instead of {exchange.Status}: {text}";
        }

        // The body is compared first, because a header may contain the beginning of the body.
        return CompareBody(exchange, header("content-type"), text) ?? CompareHeaders(exchange, header);
    }

    private string? CompareHeaders(Exchange exchange, Func<string, string?> header)
    {
        foreach (var name in headers)
        {
            var (recorded, actual) = (exchange.ResponseHeaders.GetValueOrDefault(name), header(name));
            if ((recorded is null) != (actual is null) || (recorded is not null && !SameText(recorded, actual!)))
            {
                return $"{name}: {actual ?? "none"} instead of {recorded ?? "none"}";
            }
        }

        return null;
    }

    private string? CompareBody(Exchange exchange, string? type, string text) => exchange switch
    {
        { ResponseBody: null } => text == (exchange.HasNullBody ? "null" : string.Empty)
            ? null
            : $"body {text} instead of {(exchange.HasNullBody ? "null" : "none")}",
        { ResponseBody: JsonValue described } when described.TryGetValue(out string? recorded)
            && Shortened.TryReadArray(recorded) is { } array => CompareArray(array, text),
        { ResponseBody: JsonValue plain } when plain.TryGetValue(out string? recorded) && !Has(type, "json") =>
            recorded == text || (!Has(type, "html") && SameText(recorded, text)) ? null : $"body {text} instead of {recorded}",
        { Raw: { } raw } when !SameText(raw, text) => $"body {text} instead of {raw}",
        _ => CompareJson(exchange.ResponseBody, text),
    };

    private static bool Has(string? type, string word) => type?.Contains(word, StringComparison.Ordinal) == true;

    private string? CompareArray((int Bytes, int Count, JsonNode First, JsonNode Last) expected, string text)
    {
        var items = JsonNode.Parse(text)!.AsArray();
        var bytes = System.Text.Encoding.UTF8.GetByteCount(text);
        return bytes != expected.Bytes ? $"{bytes} bytes instead of {expected.Bytes}"
            : items.Count != expected.Count ? $"{items.Count} elements instead of {expected.Count}"
            : CompareNode("$[0]", expected.First, items[0]) ?? CompareNode("$[^1]", expected.Last, items[^1]);
    }

    private string? CompareJson(JsonNode recorded, string text)
    {
        try
        {
            return CompareNode("$", recorded, JsonNode.Parse(text));
        }
        catch (JsonException)
        {
            return $"no JSON: {text}";
        }
    }

    private string? CompareNode(string path, JsonNode? recorded, JsonNode? actual)
    {
        switch (recorded)
        {
            case JsonObject expected when actual is JsonObject members:
                var guessed = expected["code"] is JsonValue code && code.TryGetValue(out string? sqlstate)
                    && GuessedHints.Contains(sqlstate);
                var missing = expected.Select(member => member.Key).Except(members.Select(member => member.Key)).ToList();
                var surplus = members.Select(member => member.Key).Except(expected.Select(member => member.Key))
                    .Where(key => !IsRepetition(expected, key)).ToList();
                return missing.Count > 0 ? $"{path} lacks {string.Join(", ", missing)}"
                    : surplus.Count > 0 ? $"{path} has {string.Join(", ", surplus)} too"
                    : expected.Where(member => !(guessed && member.Key == "hint"))
                        .Select(member => CompareNode($"{path}.{member.Key}", member.Value, members[member.Key]))
                            .FirstOrDefault(difference => difference is not null);
            case JsonArray items when actual is JsonArray others:
                return items.Count != others.Count ? $"{path} has {others.Count} instead of {items.Count}: {others.ToJsonString()}"
                    : items.Select((item, index) => CompareNode($"{path}[{index}]", item, others[index]))
                        .FirstOrDefault(difference => difference is not null);
            case JsonValue text when text.TryGetValue(out string? value):
                return value == "<user>" && actual is JsonObject ? null
                    : TryObject(recorded) is { } inner && actual is not null && TryObject(actual) is { } found
                        ? CompareNode(path, inner, found)
                    : actual is JsonValue plain && plain.TryGetValue(out string? otherText)
                        && (SameText(value, otherText) || (Digest().IsMatch(value) && Digest().IsMatch(otherText)))
                        ? null
                    : $"{path} is {actual?.ToJsonString() ?? "null"} instead of {value}";
            default:
                var same = recorded?.GetValueKind() != JsonValueKind.Number ? JsonNode.DeepEquals(recorded, actual)
                    : actual?.GetValueKind() == JsonValueKind.Number
                        && (!exactValues || Number(recorded) == Number(actual) || (IsTime(recorded) && IsTime(actual)));
                return same ? null : $"{path} is {actual?.ToJsonString() ?? "null"} instead of {recorded?.ToJsonString() ?? "null"}";
        }
    }

    /// <summary>Parses a JSON object that is stored as a string in the JSON document.</summary>
    private static JsonObject? TryObject(JsonNode text)
    {
        try
        {
            return JsonNode.Parse(text.ToString()) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Returns a value that indicates whether the number is a plausible Unix time in seconds.</summary>
    private static bool IsTime(JsonNode number) => Number(number) is > 1_700_000_000 and < 4_200_000_000;

    // Numbers are parsed as double, as in the program that made the recording.
    private static double Number(JsonNode number) => double.Parse(number.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>
    /// Returns a value that indicates whether the recording omits the member because its value is the same in all responses.
    /// </summary>
    private static bool IsRepetition(JsonObject recorded, string key) =>
        recorded.ContainsKey("access_token") && key is "token_type" or "expires_in" or "expires_at";

    private bool SameText(string recorded, string actual) =>
        recorded == actual || (Shortened.IsShortened(recorded) ? Shortened.Matches(recorded, actual) : names.Matches(recorded, actual))
            || (Varies().IsMatch(recorded) && Varies().IsMatch(actual))
        || (!exactValues && DateTimeOffset.TryParse(recorded, out _) && DateTimeOffset.TryParse(actual, out _));

    /// <summary>Matches the digest of bytes that the recording does not contain.</summary>
    [GeneratedRegex("^\"[0-9a-f]{32}\"$")]
    private static partial Regex Digest();

    [GeneratedRegex(
        "^\"?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\"?$"
            + "|^[A-Za-z0-9_-]{43}$|^[A-Za-z0-9_-]{342}$|^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), .* GMT$")]
    private static partial Regex Varies();
}
