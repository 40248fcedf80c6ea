using System.Text.Json.Serialization;

namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>RFC 9457 problem details with a stable <see cref="Code"/>. Written by ourselves, so that a host's JSON settings can't change the wire.</summary>
internal sealed record Problem(int Status, string Code, string Title)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "about:blank";

    public string? Detail { get; init; }

    public long? Required { get; init; }

    public long? Available { get; init; }

    [JsonIgnore]
    public TimeSpan? RetryAfter { get; init; }
}
