using System.Text.Json.Nodes;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>What Auth answered to a request that the recording only counts.</summary>
/// <param name="Reuse">How the answer of a refresh says that its token was used before.</param>
internal sealed record AuthReply(int Status, JsonObject? Body, string Reuse)
{
    public string? RefreshToken => Body?["refresh_token"]?.ToString();

    public string? Code => Body?["error_code"]?.ToString();

    /// <summary>The status, and the code of an error.</summary>
    public override string ToString() => Code is { } code ? $"{Status} {code}" : $"{Status}";

    public static async Task<AuthReply> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        string? Header(string name) => answer.Headers.TryGetValues(name, out var values) ? values.Single() : null;
        return new AuthReply(
            (int)answer.StatusCode,
            text.Length == 0 ? null : JsonNode.Parse(text) as JsonObject,
            Header("sb-auth-refresh-token-reuse-cause")
                ?? (Header("sb-auth-refresh-token-reuse") is { } reuse ? $"reuse={reuse}" : "no reuse header"));
    }
}
