using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using RestartDrill.Ledgers;

namespace RestartDrill.Clients;

/// <summary>Represents a complete HTTP response with status, headers and body.</summary>
internal sealed record StudioResponse(HttpStatusCode Status, byte[] Body, IReadOnlyDictionary<string, string> Headers)
{
    public bool IsReplay => Headers.GetValueOrDefault("Idempotency-Replayed") == "true";

    public string ETag => Headers.GetValueOrDefault("ETag") ?? string.Empty;

    public string BodyText => Encoding.UTF8.GetString(Body);

    /// <summary>
    /// Gets a value that indicates whether the client retries later and reports no error. The value is <see langword="true"/> for the
    /// status 503 or 409, and for the status 502 or 504 without an epoch. A response without an epoch was sent by a proxy.
    /// </summary>
    public bool IsRetryLater => Status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.Conflict
        || (Status is HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout && !Headers.ContainsKey("Session-Epoch"));

    /// <summary>Gets the balance in the headers of a paid response.</summary>
    public Balance? BalanceInHeaders =>
        Headers.TryGetValue("Credits-Version", out var versionToken)
        && long.TryParse(Headers.GetValueOrDefault("Credits-Available"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
            out var available)
            ? new Balance(available, Held: null, GetVersion(versionToken), versionToken)
            : null;

    /// <summary>Gets the balance in the body of <c>GET /auth/credits</c>, or <see langword="null"/> when the body has no number.</summary>
    public Balance? BalanceInBody
    {
        get
        {
            using var json = JsonDocument.Parse(Body);
            return json.RootElement.GetProperty("success").GetBoolean() && Headers.TryGetValue("Credits-Version", out var versionToken)
                ? new Balance(
                    json.RootElement.GetProperty("credits").GetInt64(),
                    json.RootElement.GetProperty("held").GetInt64(),
                    json.RootElement.GetProperty("version").GetInt64(),
                    versionToken)
                : null;
        }
    }

    public string Text(string member)
    {
        using var json = JsonDocument.Parse(Body);
        return json.RootElement.GetProperty(member).GetString() ?? string.Empty;
    }

    private static long GetVersion(string versionToken) =>
        long.Parse(versionToken.AsSpan(versionToken.LastIndexOf('.') + 1), NumberStyles.None, CultureInfo.InvariantCulture);
}
