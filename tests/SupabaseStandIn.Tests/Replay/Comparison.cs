using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>What differs between a recorded answer and the stand-in's: status, headers that matter, code and message, shape.</summary>
internal sealed partial class Comparison(Placeholders names, IReadOnlyList<string> headers, bool exactValues)
{
    private static readonly string[] GuessedHints = ["PGRST202", "PGRST205"];

    public string? Compare(Exchange exchange, int status, Func<string, string?> header, string text)
    {
        if (status != exchange.Status)
        {
            return $"status {status} instead of {exchange.Status}: {text}";
        }

        foreach (var name in headers)
        {
            var (recorded, actual) = (exchange.AnswerHeaders.GetValueOrDefault(name), header(name));
            if ((recorded is null) != (actual is null) || (recorded is not null && !SameText(recorded, actual!)))
            {
                return $"{name}: {actual ?? "none"} instead of {recorded ?? "none"}";
            }
        }

        return exchange.Answer switch
        {
            null => null,
            JsonValue plain when plain.TryGetValue(out string? recorded) && !IsJson(header("content-type")) => recorded.Contains('<', StringComparison.Ordinal) || recorded == text ? null : $"body {text} instead of {recorded}",
            var recorded => CompareBody(recorded, text),
        };
    }

    private static bool IsJson(string? type) => type?.Contains("json", StringComparison.Ordinal) == true;

    private string? CompareBody(JsonNode recorded, string text)
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
            case JsonObject expected when actual is JsonObject found:
                var guessed = expected["code"] is JsonValue code && code.TryGetValue(out string? sqlstate) && GuessedHints.Contains(sqlstate);
                var missing = expected.Select(member => member.Key).Except(found.Select(member => member.Key)).ToList();
                var surplus = found.Select(member => member.Key).Except(expected.Select(member => member.Key)).Where(key => !IsRepetition(expected, key)).ToList();
                return missing.Count > 0 ? $"{path} lacks {string.Join(", ", missing)}"
                    : surplus.Count > 0 ? $"{path} has {string.Join(", ", surplus)} too"
                    : expected.Where(member => !(guessed && member.Key == "hint"))
                        .Select(member => CompareNode($"{path}.{member.Key}", member.Value, found[member.Key])).FirstOrDefault(difference => difference is not null);
            case JsonArray items when actual is JsonArray others:
                return items.Count != others.Count ? $"{path} has {others.Count} instead of {items.Count}: {others.ToJsonString()}"
                    : items.Select((item, index) => CompareNode($"{path}[{index}]", item, others[index])).FirstOrDefault(difference => difference is not null);
            case JsonValue text when text.TryGetValue(out string? value):
                return value == "<user>" && actual is JsonObject ? null
                    : actual is JsonValue other && other.TryGetValue(out string? otherText) && (SameText(value, otherText) || (Digest().IsMatch(value) && Digest().IsMatch(otherText))) ? null
                    : $"{path} is {actual?.ToJsonString() ?? "null"} instead of {value}";
            default:
                var same = recorded?.GetValueKind() != JsonValueKind.Number ? JsonNode.DeepEquals(recorded, actual)
                    : actual?.GetValueKind() == JsonValueKind.Number && (!exactValues || Number(recorded) == Number(actual));
                return same ? null : $"{path} is {actual?.ToJsonString() ?? "null"} instead of {recorded?.ToJsonString() ?? "null"}";
        }
    }

    // The recording's own reader knew no larger numbers.
    private static double Number(JsonNode number) => double.Parse(number.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>What the recording leaves out of later answers because it is always the same.</summary>
    private static bool IsRepetition(JsonObject recorded, string key) =>
        recorded.ContainsKey("access_token") && key is "token_type" or "expires_in" or "expires_at";

    private bool SameText(string recorded, string actual) =>
        recorded == actual || names.Accepts(recorded, actual) || (Varies().IsMatch(recorded) && Varies().IsMatch(actual))
        || (!exactValues && DateTimeOffset.TryParse(recorded, out _) && DateTimeOffset.TryParse(actual, out _));

    /// <summary>The digest of bytes that the recording does not show.</summary>
    [GeneratedRegex("^\"[0-9a-f]{32}\"$")]
    private static partial Regex Digest();

    [GeneratedRegex("^\"?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\"?$|^[A-Za-z0-9_-]{43}$|^[A-Za-z0-9_-]{342}$|^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), .* GMT$")]
    private static partial Regex Varies();
}
