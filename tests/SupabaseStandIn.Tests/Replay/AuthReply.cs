using System.Text.Json.Nodes;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>Represents the response of Auth to a request that the recording only counts.</summary>
/// <param name="Reuse">The response header that reports whether the refresh token was used before.</param>
internal sealed record AuthReply(int Status, JsonObject? Body, string Reuse)
{
    public string? RefreshToken => Body?["refresh_token"]?.ToString();

    public string? Code => Body?["error_code"]?.ToString();

    /// <summary>Returns the status. For an error, the text also contains the error code.</summary>
    public override string ToString() => Code is { } code ? $"{Status} {code}" : $"{Status}";

    public static async Task<AuthReply> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        string? Header(string name) => response.Headers.TryGetValues(name, out var values) ? values.Single() : null;
        return new AuthReply(
            (int)response.StatusCode,
            text.Length == 0 ? null : JsonNode.Parse(text) as JsonObject,
            Header("sb-auth-refresh-token-reuse-cause")
                ?? (Header("sb-auth-refresh-token-reuse") is { } reuse ? $"reuse={reuse}" : "no reuse header"));
    }
}
