using System.Text.Json.Nodes;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>A recorded request and the response of the real server.</summary>
internal sealed class Exchange(JsonObject record)
{
    public string Name { get; } = record["name"]!.ToString();

    public string Group { get; } = record["group"]!.ToString();

    /// <summary>The exchanges that belong together, in order; null for one on its own.</summary>
    public string? Sequence { get; } = (record["seq"] ?? record["sequence"])?.ToString();

    public string Given { get; } = record["given"]?.ToString() ?? string.Empty;

    public string Method { get; } = record["request"]?["method"]?.ToString() ?? string.Empty;

    public string Path { get; } = record["request"]?["path"]?.ToString() ?? string.Empty;

    public JsonNode? Body { get; } = record["request"]?["body"];

    /// <summary>Gets the status, or null when no response arrived.</summary>
    public int? Status { get; } = (int?)record["response"]?["status"];

    public JsonNode? Answer { get; } = record["response"]?["body"];

    /// <summary>Whether the body that is no value is the word <c>null</c>, and not absent: a recorded body is null for both.</summary>
    public bool AnswersNull =>
        Answer is null && Method != "HEAD" && Status is not (204 or 304) && AnswerHeaders.TryGetValue("Content-Type", out var type)
            && type.Contains("json", StringComparison.Ordinal);

    /// <summary>The answer's exact text, where its JSON would not show the layout or all digits.</summary>
    public string? Raw { get; } = record["response"]?["raw"]?.ToString();

    /// <summary>What was counted or seen where there was more than one request.</summary>
    public JsonNode? Summary { get; } = record["summary"];

    public IReadOnlyDictionary<string, string> RequestHeaders { get; } = Headers(record["request"]?["headers"]);

    public IReadOnlyDictionary<string, string> AnswerHeaders { get; } = Headers(record["response"]?["headers"]);

    /// <summary>Whether it is one request, and not a count of many.</summary>
    public bool IsRequest => Method.Length > 0;

    public override string ToString() => Name;

    private static Dictionary<string, string> Headers(JsonNode? headers) => (headers as JsonObject ?? [])
        .ToDictionary(header => header.Key, header => header.Value is JsonArray many
            ? string.Join(", ", many.Select(value => value!.ToString()))
            : header.Value!.ToString(), StringComparer.OrdinalIgnoreCase);
}
