using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>PostgREST as it was recorded: over the same rows before every exchange, but for those that follow another.</summary>
internal sealed partial class RestReplayer(StandIn standIn) : Replayer(standIn, "/rest/v1", Headers, exactValues: true)
{
    private static readonly string[] Headers =
        ["content-type", "content-range", "content-profile", "preference-applied", "proxy-status", "www-authenticate", "retry-after", "location", "content-location"];

    private string? _sequence = string.Empty;
    private RestDatabaseStates? _states;

    public Task<HttpResponseMessage> SendAsUserAsync(string method, string path, JsonNode? body = null, CancellationToken cancellationToken = default) =>
        SendAsync(method, path, Forge("user-a-token", Claims(), StandIn.Control.Now.ToUnixTimeSeconds()), body, cancellationToken);

    protected override async Task PrepareAsync(Exchange exchange)
    {
        if (exchange.Sequence is null || exchange.Sequence != _sequence)
        {
            await StandIn.Control.RunClockAsync();
            await StandIn.Control.ScalarAsync<object>("select public.fixture()");
        }

        _sequence = exchange.Sequence;
        if (exchange.Name == "jwt-cached-leeway-over")
        {
            await StandIn.Control.AdvanceAsync(TimeSpan.FromHours(11));
        }
    }

    protected override Task<HttpResponseMessage> AskAsync(Exchange exchange, Func<Task<HttpResponseMessage>> send) =>
        exchange.Group == "db" ? (_states ??= new RestDatabaseStates(this)).AskAsync(exchange.Name, send) : send();

    protected override async Task<string?> FindAsync(string name)
    {
        if (!name.EndsWith("-token", StringComparison.Ordinal) && name is not ("anon-key" or "service-key"))
        {
            return null;
        }

        var claims = Claims();
        var now = StandIn.Control.Now.ToUnixTimeSeconds();
        if (name.StartsWith("es256", StringComparison.Ordinal))
        {
            return await SignEs256Async(name, claims);
        }

        return name switch
        {
            "anon-key" => StandIn.Keys.Anon,
            "service-key" => StandIn.Keys.ServiceRole,
            "garbage-token" => "garbage",
            "two-part-token" => "aaa.bbb",
            "three-part-garbage-token" => "aaa.bbb.ccc",
            "four-part-token" => "a.b.c.d",
            "five-part-token" => "a.b.c.d.e",
            _ => Forge(name, claims, now),
        };
    }

    private JsonObject Claims()
    {
        var now = StandIn.Control.Now.ToUnixTimeSeconds();
        return new JsonObject { ["sub"] = "11111111-1111-4111-8111-111111111111", ["role"] = "authenticated", ["aud"] = "authenticated", ["iat"] = now, ["exp"] = now + 36_000 };
    }

    private string Forge(string name, JsonObject claims, long now)
    {
        var header = new JsonObject { ["alg"] = "HS256", ["typ"] = "JWT" };
        var secret = name.Contains("wrong-signature", StringComparison.Ordinal) ? "another" : StandIn.Keys.JwtSecret;
        if (Times().Match(name) is { Success: true } time)
        {
            var seconds = long.Parse(time.Groups[2].Value, CultureInfo.InvariantCulture);
            (string claim, long at) = time.Groups[1].Value switch { "expired-" => ("exp", now - seconds), "expires-in-" => ("exp", now + seconds), var ahead => (ahead[..3], now + seconds) };
            claims[claim] = at;
        }

        switch (name)
        {
            case "user-b-token": claims["sub"] = "22222222-2222-4222-8222-222222222222"; break;
            case "expired-1h-token" or "expired-wrong-signature-token": claims["exp"] = now - 3600; break;
            case "array-role-token": claims["role"] = new JsonArray("authenticated"); break;
            case "authenticator-role-token": claims["role"] = "authenticator"; break;
            case "postgres-role-token": claims["role"] = "postgres"; break;
            case "empty-role-token": claims["role"] = string.Empty; break;
            case "null-role-token": claims["role"] = null; break;
            case "number-role-token": claims["role"] = 5; break;
            case "upper-role-token": claims["role"] = "Authenticated"; break;
            case "unknown-role-token": claims["role"] = "nosuchrole"; break;
            case "no-role-token": claims.Remove("role"); break;
            case "no-claims-token": claims.Clear(); break;
            case "no-sub-token": claims.Remove("sub"); break;
            case "non-uuid-sub-token": claims["sub"] = "not-a-uuid"; break;
            case "aud-array-token": claims["aud"] = new JsonArray("authenticated", "x"); break;
            case "aud-empty-array-token": claims["aud"] = new JsonArray(); break;
            case "aud-number-token": claims["aud"] = 5; break;
            case "aud-other-token": claims["aud"] = "other"; break;
            case "float-exp-token": claims["exp"] = now + 3600.5; break;
            case "huge-exp-token": claims["exp"] = 99_999_999_999; break;
            case "null-exp-token": claims["exp"] = null; break;
            case "string-exp-token": claims["exp"] = "soon"; break;
            case "string-iat-token": claims["iat"] = "soon"; break;
            case "string-nbf-token": claims["nbf"] = "soon"; break;
            case "hs256-unknown-kid-token": header["kid"] = "zzz"; break;
            case "hs256-kid-of-es-token": header["kid"] = StandIn.Control.CurrentKey; break;
            case "hs512-header-token": header["alg"] = "HS512"; break;
            case "rs256-header-token": header["alg"] = "RS256"; break;
            case "alg-none-token": header["alg"] = "none"; break;
            case "unicode-claims-token": claims["name"] = "Ünï ✓"; break;
        }

        return TokenForge.Sign(header, claims, secret);
    }

    private async Task<string> SignEs256Async(string name, JsonObject claims)
    {
        var material = (await StandIn.Control.ScalarAsync<string>($"select material from stand_in.signing_keys where id = '{StandIn.Control.CurrentKey}'"))!;
        using var key = SigningKey.Load(
            name.Contains("unknown-kid", StringComparison.Ordinal) ? "zzz" : name.Contains("no-kid", StringComparison.Ordinal) ? SigningKey.LegacyId : StandIn.Control.CurrentKey,
            SigningAlgorithm.ES256,
            name.Contains("wrong-key", StringComparison.Ordinal) ? SigningKey.NewMaterial(SigningAlgorithm.ES256) : material,
            KeyState.Current);
        return Token.Write(claims, key);
    }

    [GeneratedRegex("^(expired-|expires-in-|nbf-in-|iat-in-)([0-9]+)s-token$")]
    private static partial Regex Times();
}
