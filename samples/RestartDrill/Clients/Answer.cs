using System.Globalization;
using System.Net;
using System.Text.Json;
using RestartDrill.Books;

namespace RestartDrill.Clients;

/// <summary>A whole answer, headers and body.</summary>
internal sealed record Answer(HttpStatusCode Status, byte[] Body, IReadOnlyDictionary<string, string> Headers)
{
    public bool IsReplay => Headers.GetValueOrDefault("Idempotency-Replayed") == "true";

    public string ETag => Headers.GetValueOrDefault("ETag") ?? string.Empty;

    /// <summary>Whether the server asks to come again later: no answer yet, and no fault either.</summary>
    public bool SaysLater => Status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.Conflict;

    /// <summary>The balance that a paid answer carries in its headers.</summary>
    public Balance? BalanceInHeaders =>
        Headers.TryGetValue("Credits-Version", out var floor)
        && long.TryParse(Headers.GetValueOrDefault("Credits-Available"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
            out var available)
            ? new Balance(available, Held: null, GetVersion(floor), floor)
            : null;

    /// <summary>The balance of <c>GET /auth/credits</c>; <see langword="null"/> when it has no number.</summary>
    public Balance? BalanceInBody
    {
        get
        {
            using var json = JsonDocument.Parse(Body);
            return json.RootElement.GetProperty("success").GetBoolean() && Headers.TryGetValue("Credits-Version", out var floor)
                ? new Balance(
                    json.RootElement.GetProperty("credits").GetInt64(),
                    json.RootElement.GetProperty("held").GetInt64(),
                    json.RootElement.GetProperty("version").GetInt64(),
                    floor)
                : null;
        }
    }

    public string Text(string member)
    {
        using var json = JsonDocument.Parse(Body);
        return json.RootElement.GetProperty(member).GetString() ?? string.Empty;
    }

    private static long GetVersion(string floor) =>
        long.Parse(floor.AsSpan(floor.LastIndexOf('.') + 1), NumberStyles.None, CultureInfo.InvariantCulture);
}
