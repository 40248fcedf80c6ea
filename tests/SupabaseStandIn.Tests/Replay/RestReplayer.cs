using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Npgsql;
using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>
/// Replays the recording of PostgREST. The rows are reset before every request, except for requests that continue a sequence.
/// </summary>
internal sealed partial class RestReplayer(StandIn standIn) : Replayer(standIn, "/rest/v1", Headers, exactValues: true)
{
    private static readonly string[] Headers =
        ["content-type", "content-range", "content-profile", "preference-applied", "proxy-status", "www-authenticate", "retry-after",
            "location", "content-location"];

    /// <summary>A signing key with which PostgREST is not configured until a recorded request configures it.</summary>
    private const string OtherKey = "zzz";

    private const string UserA = "11111111-1111-4111-8111-111111111111";

    private string? _sequence = string.Empty;
    private RestDatabaseStates? _states;
    private NpgsqlConnection? _lock;

    public Task<HttpResponseMessage> SendAsUserAsync(
        string method, string path, JsonNode? body = null, CancellationToken cancellationToken = default) =>
        SendAsync(method, path, Forge("user-a-token", Claims(), StandIn.Control.Now.ToUnixTimeSeconds()), body, cancellationToken);

    protected override async Task PrepareAsync(Exchange exchange)
    {
        await ConfigureAsync(exchange);
        if ((exchange.Sequence is null || exchange.Sequence != _sequence) && !ReadsPreviousResult(exchange.Name))
        {
            await StandIn.Control.RunClockAsync();
            await StandIn.Control.ScalarAsync<object>("select public.fixture()");
        }

        _sequence = exchange.Sequence;
        switch (exchange.Name)
        {
            case "jwt-cached-leeway-over":
                await StandIn.Control.AdvanceAsync(TimeSpan.FromHours(11));
                break;
            case "credits-mine-hold-due":
                await StandIn.Control.ExecuteAsync("update public.credit_reservations set expires_at = now() where state = 'held'");
                break;
            case "credits-mine-beyond-2-53":
                await StandIn.Control.ExecuteAsync("update public.user_credits set credits = 9007199254740993");
                break;
            case "credits-consume-row-locked":
                _lock = await new TroubledDatabase(StandIn.Control).LockAsync("select from public.user_credits for update");
                break;
            case "credits-consume-row-locked-retry":
                await _lock!.DisposeAsync();
                break;
        }
    }

    protected override Task<HttpResponseMessage> SendInStateAsync(Exchange exchange, Func<Task<HttpResponseMessage>> send) =>
        exchange.Group == "db" ? (_states ??= new RestDatabaseStates(this)).SendInStateAsync(exchange.Name, send)
        : exchange.Name is "client-gone-during-rpc" or "client-reset-during-rpc" ? DisconnectAsync(exchange)
        : send();

    /// <summary>
    /// Returns a value that indicates whether the request reads rows of the previous request, although the recording names no sequence.
    /// </summary>
    private static bool ReadsPreviousResult(string name) => name is "cfg-tx-override-then" or "rpc-write-tx-rollback-check";

    /// <summary>Applies the server configuration that the name of the recorded request specifies.</summary>
    private async Task ConfigureAsync(Exchange exchange)
    {
        var (rest, name) = (StandIn.Control.Rest, exchange.Name);
        if (name == "cfg-rotated-es256-token")
        {
            await StandIn.Control.AddStandbyKeyAsync(SigningAlgorithm.ES256, OtherKey);
            Names.Set("es256-unknown-kid-token", await SignEs256Async("es256-unknown-kid-token", Claims()));
        }

        rest.IsConfiguredKey = name switch
        {
            _ when name.StartsWith("cfg-secret-", StringComparison.Ordinal) => static key => key.Id == SigningKey.LegacyId,
            _ when name.StartsWith("cfg-es-only-", StringComparison.Ordinal) =>
                static key => key.Id is not (SigningKey.LegacyId or OtherKey),
            _ when name.StartsWith("cfg-rotated-", StringComparison.Ordinal) => static key => key.Id == OtherKey,
            _ when name.StartsWith("cfg-no-secret-", StringComparison.Ordinal) => null,
            _ => static key => key.Id != OtherKey,
        };
        rest.Audience = name.StartsWith("cfg-aud-", StringComparison.Ordinal) ? "authenticated" : null;
        rest.AllowsAnonymous = !name.StartsWith("cfg-no-anon-", StringComparison.Ordinal);
        rest.AllowsRollback = name == "cfg-tx-override";
        rest.RoleClaim = name.StartsWith("cfg-role-claim-key-", StringComparison.Ordinal) ? ["app_metadata", "role"] : ["role"];
    }

    /// <summary>
    /// Disconnects the client while its statement runs. The recorded statement slept, but the replayed statement waits for a lock. The
    /// method returns after the statement has ended, so that the next request finds the row.
    /// </summary>
    private async Task<HttpResponseMessage> DisconnectAsync(Exchange exchange)
    {
        const string Service = "authenticator";
        var database = new TroubledDatabase(StandIn.Control);
        await StandIn.Control.ExecuteAsync(
            """
            create or replace function public.write_then_sleep(k text, s float8) returns bigint language plpgsql as $$
            declare written bigint;
            begin
                insert into public.log (k) values (write_then_sleep.k) returning id into written;
                perform pg_advisory_xact_lock_shared(1);
                return written;
            end
            $$
            """);
        using var cancellation = new CancellationTokenSource();
        Task<HttpResponseMessage> call;
        await using (await database.LockAsync("select pg_advisory_xact_lock(1)"))
        {
            call = SendAsUserAsync(exchange.Method, exchange.Path, exchange.Body, cancellation.Token);
            await database.UntilWaitingAsync(Service);
            await cancellation.CancelAsync();
            await ((Task)call).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await database.UntilAsync($"not exists (select from pg_stat_activity where usename = '{Service}' and state <> 'idle')");
        return await call;
    }

    protected override byte[]? Describe(Exchange exchange, string text) => Size().Match(text) is { Success: true } size
        ? System.Text.Encoding.UTF8.GetBytes(
            $$"""{"body": "{{new string('x', int.Parse(size.Groups[1].Value, CultureInfo.InvariantCulture) * 1_000_000)}}"}""")
        : text.StartsWith("chunked ", StringComparison.Ordinal) ? System.Text.Encoding.UTF8.GetBytes(text["chunked ".Length..])
        : null;

    protected override string Restore(Exchange exchange, string text)
    {
        var list = exchange.Name switch
        {
            "read-in-2000-ints" => string.Join(',', Enumerable.Range(1, 2000)),
            "read-in-1000-uuids" or "read-in-2000-uuids" =>
                $"{UserA},{string.Join(',', Enumerable.Range(0, exchange.Name.Contains("1000", StringComparison.Ordinal) ? 999 : 1999)
                    .Select(number => $"{number:x8}-0000-4000-8000-000000000000"))}",
            _ => null,
        };
        return list is not null && Shortened.IsShortened(text)
            ? $"{text[..(text.IndexOf('(', StringComparison.Ordinal) + 1)]}{list})"
            : base.Restore(exchange, text);
    }

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
            "not-json-payload-token" => TokenForge.Sign(
                new JsonObject { ["alg"] = "HS256", ["typ"] = "JWT" }, JsonValue.Create("no object"), StandIn.Keys.JwtSecret),
            "four-part-token" => "a.b.c.d",
            "five-part-token" => "a.b.c.d.e",
            _ => Forge(name, claims, now),
        };
    }

    private JsonObject Claims()
    {
        var now = StandIn.Control.Now.ToUnixTimeSeconds();
        return new JsonObject { ["sub"] = UserA, ["role"] = "authenticated", ["aud"] = "authenticated", ["iat"] = now,
            ["exp"] = now + 36_000 };
    }

    private string Forge(string name, JsonObject claims, long now)
    {
        var header = new JsonObject { ["alg"] = "HS256", ["typ"] = "JWT" };
        var secret = name.Contains("wrong-signature", StringComparison.Ordinal) ? "another" : StandIn.Keys.JwtSecret;
        if (Times().Match(name) is { Success: true } time)
        {
            var seconds = long.Parse(time.Groups[2].Value, CultureInfo.InvariantCulture);
            (string claim, long at) = time.Groups[1].Value switch { "expired-" => ("exp", now - seconds),
                "expires-in-" => ("exp", now + seconds), var ahead => (ahead[..3], now + seconds) };
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
            case "aud-array-other-token": claims["aud"] = new JsonArray("other", "x"); break;
            case "no-aud-token": claims.Remove("aud"); break;
            case "aud-other-token": claims["aud"] = "other"; break;
            case "float-exp-token": claims["exp"] = now + 3600.5; break;
            case "huge-exp-token": claims["exp"] = 99_999_999_999; break;
            case "null-exp-token": claims["exp"] = null; break;
            case "string-exp-token": claims["exp"] = "soon"; break;
            case "string-iat-token": claims["iat"] = "soon"; break;
            case "string-nbf-token": claims["nbf"] = "soon"; break;
            case "hs256-unknown-kid-token": header["kid"] = OtherKey; break;
            case "hs256-kid-of-es-token": header["kid"] = StandIn.Control.CurrentKey; break;
            case "hs512-header-token": header["alg"] = "HS512"; break;
            case "rs256-header-token": header["alg"] = "RS256"; break;
            case "alg-none-token": header["alg"] = "none"; break;
            case "unicode-claims-token":
                claims["name"] = "Zoë \"q\" \\ ✓";
                claims["app_metadata"] = new JsonObject { ["a"] = new JsonArray(1, null), ["n"] = 1 };
                break;
        }

        return TokenForge.Sign(header, claims, secret);
    }

    private async Task<string> SignEs256Async(string name, JsonObject claims)
    {
        var unknown = name == "es256-unknown-kid-token";
        var material = (await StandIn.Control.ScalarAsync<string>(
            $"select material from stand_in.signing_keys where id in ('{StandIn.Control.CurrentKey}', '{OtherKey}') order by id "
                + $"= '{OtherKey}' and {unknown} desc limit 1"))!;
        using var key = SigningKey.Load(
            name.Contains("unknown-kid", StringComparison.Ordinal)
                ? OtherKey
                : name.Contains("no-kid", StringComparison.Ordinal)
                ? SigningKey.LegacyId
                : StandIn.Control.CurrentKey,
            SigningAlgorithm.ES256,
            name.Contains("wrong-key", StringComparison.Ordinal) ? SigningKey.NewMaterial(SigningAlgorithm.ES256) : material,
            KeyState.Current);
        return Token.Write(claims, key);
    }

    [GeneratedRegex("^(expired-|expires-in-|nbf-in-|iat-in-)([0-9]+)s-token$")]
    private static partial Regex Times();

    [GeneratedRegex("^<body of ([0-9]+) MB>$")]
    private static partial Regex Size();
}
