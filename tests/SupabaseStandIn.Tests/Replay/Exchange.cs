using System.Text.Json.Nodes;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>Represents a recorded request and the response of the real server.</summary>
internal sealed class Exchange(JsonObject record)
{
    public string Name { get; } = record["name"]!.ToString();

    public string Group { get; } = record["group"]!.ToString();

    /// <summary>Gets the name of the sequence to which this request belongs, or null if the request is independent of others.</summary>
    public string? Sequence { get; } = (record["seq"] ?? record["sequence"])?.ToString();

    public string Given { get; } = record["given"]?.ToString() ?? string.Empty;

    public string Method { get; } = record["request"]?["method"]?.ToString() ?? string.Empty;

    public string Path { get; } = record["request"]?["path"]?.ToString() ?? string.Empty;

    public JsonNode? Body { get; } = record["request"]?["body"];

    /// <summary>Gets the HTTP status, or null if no response arrived.</summary>
    public int? Status { get; } = (int?)record["response"]?["status"];

    public JsonNode? ResponseBody { get; } = record["response"]?["body"];

    /// <summary>
    /// Gets a value that indicates whether the response body is the JSON literal <c>null</c>. In the recording, this literal and an empty
    /// body look the same.
    /// </summary>
    public bool HasNullBody =>
        ResponseBody is null && Method != "HEAD" && Status is not (204 or 304) && ResponseHeaders.TryGetValue("Content-Type", out var type)
            && type.Contains("json", StringComparison.Ordinal);

    /// <summary>Gets the exact text of the response, if parsing it as JSON would lose whitespace or digits.</summary>
    public string? Raw { get; } = record["response"]?["raw"]?.ToString();

    /// <summary>Gets the recorded summary of an experiment that consists of several requests.</summary>
    public JsonNode? Summary { get; } = record["summary"];

    public IReadOnlyDictionary<string, string> RequestHeaders { get; } = Headers(record["request"]?["headers"]);

    public IReadOnlyDictionary<string, string> ResponseHeaders { get; } = Headers(record["response"]?["headers"]);

    /// <summary>Gets a value that indicates whether this is a single request and not a summary of several requests.</summary>
    public bool IsRequest => Method.Length > 0;

    public override string ToString() => Name;

    private static Dictionary<string, string> Headers(JsonNode? headers) => (headers as JsonObject ?? [])
        .ToDictionary(header => header.Key, header => header.Value is JsonArray many
            ? string.Join(", ", many.Select(value => value!.ToString()))
            : header.Value!.ToString(), StringComparer.OrdinalIgnoreCase);
}
