using System.Net.Http.Headers;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>Lists the content types whose responses are always treated as streams.</summary>
internal static class StreamContentTypes
{
    private static readonly HashSet<string> Streams = new(StringComparer.OrdinalIgnoreCase)
    {
        "text/event-stream",
        "application/x-ndjson",
        "application/ndjson",
        "application/jsonl",
        "application/x-jsonlines",
        "application/json-seq",
        "application/stream+json",
        "application/grpc",
        "multipart/x-mixed-replace",
    };

    public static bool IsGrpc(string? contentType) =>
        contentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true;

    public static bool Contains(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type) && type.MediaType is { } name && Streams.Contains(name);
}
