using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Tests.Replay;

/// <summary>
/// Replays the recording of Auth. When a request first names a session, the replay creates this session with the recorded settings.
/// </summary>
internal sealed partial class AuthReplayer(StandIn standIn, IReadOnlyList<Exchange> recording)
    : Replayer(standIn, "/auth/v1", Headers, exactValues: false)
{
    private const string Password = "correct-horse-1";

    private static readonly string[] Headers =
    [
        "x-sb-error-code", "x-supabase-api-version", "sb-auth-user-id", "sb-auth-session-id", "sb-auth-refresh-token-counter",
            "sb-auth-refresh-token-reuse",
        "sb-auth-refresh-token-reuse-cause", "sb-auth-refresh-token-rotated", "sb-auth-refresh-token-prefix", "cache-control", "allow",
            "retry-after",
    ];

    private readonly Dictionary<string, string> _users = [];
    private readonly Dictionary<string, string> _usersOfSessions = recording
        .Select(exchange => (Session: NameIn(exchange, "sb-auth-session-id"), User: NameIn(exchange, "sb-auth-user-id")))
        .Where(pair => pair is { Session: not null, User: not null }).DistinctBy(pair => pair.Session)
            .ToDictionary(pair => pair.Session!, pair => pair.User!);

    public const string RefreshCounter = "POST /auth/v1/token?grant_type=refresh_token";

    public IReadOnlyList<Exchange> Recording { get; } = recording;

    private string _sequence = string.Empty;
    private AuthDatabaseStates? _states;

    private AuthDatabaseStates States => _states ??= new AuthDatabaseStates(this);

    protected override async Task PrepareAsync(Exchange exchange)
    {
        if (exchange.Sequence is null || exchange.Sequence != _sequence)
        {
            _sequence = exchange.Sequence ?? string.Empty;
            if (exchange.Group != "server")
            {
                await StandIn.Control.RunClockAsync();
            }

            Configure(exchange);
        }

        if (exchange.Given.Contains("autoconfirm off", StringComparison.Ordinal))
        {
            StandIn.Control.Auth.Autoconfirm = false;
        }

        await new AuthFixture(this).ApplyAsync(exchange.Name);
    }

    protected override Task<HttpResponseMessage> SendInStateAsync(Exchange exchange, Func<Task<HttpResponseMessage>> send) =>
        exchange.Group is "db" or "server" ? States.SendInStateAsync(exchange, send) : send();

    protected override async Task<string?> CountAsync(Exchange exchange)
    {
        return exchange.Group switch
        {
            "concurrency" => await new AuthRaces(this).RunAsync(exchange),
            "lost" => await new AuthLostResponses(this).RunAsync(exchange),
            "db" => Compare(exchange, await States.CountAsync(exchange)),
            _ => Compare(exchange, await new AuthBursts(this).CountAsync(exchange.Name)),
        };
    }

    private static string? Compare(Exchange exchange, JsonNode? counted) =>
        JsonNode.DeepEquals(exchange.Summary, counted)
            ? null
            : $"{counted?.ToJsonString() ?? "nothing that could be counted"} instead of {exchange.Summary?.ToJsonString()}";

    private void Configure(Exchange exchange)
    {
        var setup = $"{exchange.Name} {exchange.Given}";
        var auth = StandIn.Control.Auth;
        auth.RefreshAlgorithm = setup.Contains("v2", StringComparison.Ordinal)
            && !setup.Contains("upgrade", StringComparison.Ordinal) ? 2 : 1;
        auth.UpgradeRefreshTokens = false;
        auth.ReuseInterval = setup.Contains("-i10", StringComparison.Ordinal)
            || setup.Contains("interval 10", StringComparison.Ordinal) ? 10 : 0;
        auth.Rotation = !setup.Contains("rotoff", StringComparison.Ordinal);
        auth.Autoconfirm = true;
        auth.SignUpDisabled = setup.Contains("GOTRUE_DISABLE_SIGNUP", StringComparison.Ordinal)
            || setup.Contains("sign-ups disabled", StringComparison.Ordinal);
        auth.AnonymousSignIns = setup.Contains("anonymous sign-ins on", StringComparison.Ordinal)
            || exchange.Name.StartsWith("rate-anonymous", StringComparison.Ordinal);
        auth.EmailDisabled = setup.Contains("email provider off", StringComparison.Ordinal);
        (auth.MinimumPasswordLength, auth.RequiredCharacters) = setup.Contains("required characters", StringComparison.Ordinal)
            ? (12, ["abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"])
            : (6, Array.Empty<string>());
        (auth.SessionTimebox, auth.InactivityTimeout, auth.SingleSessionPerUser, auth.TokenBurst, auth.MailsPerHour) =
            (null, null, false, null, null);
    }

    protected override async Task<string?> FindAsync(string name)
    {
        var parts = SessionToken().Match(name);
        if (parts.Success)
        {
            var (kind, session, count) = (parts.Groups[1].Value, parts.Groups[2].Value,
                int.Parse(parts.Groups[3].Value, System.Globalization.CultureInfo.InvariantCulture));
            await OpenSessionAsync(session, kind == "refresh" ? count : 1);
            return Names[name] ?? (kind == "access" ? Names[$"access:{session}.1"] : null);
        }

        return name switch
        {
            "anon-key" => StandIn.Keys.Anon,
            "service-key" => StandIn.Keys.ServiceRole,
            "expired-token" => await MintAsync("expired-3600s"),
            _ when name.StartsWith("token:", StringComparison.Ordinal) => await MintAsync(name["token:".Length..]),
            _ when name.StartsWith("v2 token", StringComparison.Ordinal) => await ForgeAsync(name),
            _ => null,
        };
    }

    /// <summary>Signs a user in, and refreshes the session until it has used the given number of refresh tokens.</summary>
    public async Task OpenSessionAsync(string session, int refreshTokens)
    {
        if (Names[$"refresh:{session}.1"] is null)
        {
            Take(session, 1, await SignInAsync(GetUser(session)));
        }

        for (var count = 1; count < refreshTokens; count++)
        {
            if (Names[$"refresh:{session}.{count + 1}"] is null)
            {
                Take(session, count + 1, await ReadAsync(await SendAsync("POST", "/token?grant_type=refresh_token", null,
                    new JsonObject { ["refresh_token"] = Names[$"refresh:{session}.{count}"] })));
            }
        }
    }

    /// <summary>Creates all sessions that the recorded requests name, before a database state makes signing in impossible.</summary>
    public async Task OpenSessionsAsync(IEnumerable<Exchange> exchanges)
    {
        foreach (var exchange in exchanges)
        {
            var body = exchange.Body?.ToJsonString(SupabaseStandIn.Gateway.JsonResponses.Json);
            foreach (Match token in NamedToken().Matches($"{body} {string.Join(' ', exchange.RequestHeaders.Values)}"))
            {
                await OpenSessionAsync(
                    token.Groups[1].Value, int.Parse(token.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture));
            }
        }
    }

    public async Task<Guid> UserAsync(string user)
    {
        await EnsureUserAsync(user);
        return Guid.Parse(_users[user]);
    }

    public string GetRefreshToken(string session) => Names[$"refresh:{session}.1"]!;

    public Task<AuthReply> RefreshAsync(string token) =>
        RequestAsync("POST", "/token?grant_type=refresh_token", new JsonObject { ["refresh_token"] = token });

    public async Task<AuthReply> RequestAsync(string method, string path, JsonNode? body, string? token = null, string? forwardedFor = null)
    {
        using var response = await SendAsync(method, path, token, body, forwardedFor is null ? [] : [("X-Forwarded-For", forwardedFor)]);
        return await AuthReply.ReadAsync(response);
    }

    public string GetAccessToken(string session) => Names[$"access:{session}.1"]!;

    public Task LogoutAsync(string session) => SendAsync("POST", "/logout?scope=local", GetAccessToken(session), null);

    public Task<T?> ScalarAsync<T>(string sql) => StandIn.Control.ScalarAsync<T>(sql);

    public string GetSession(string session) => Names[$"session:{session}"]!;

    /// <summary>Returns the user of a session. Several sessions may belong to one user.</summary>
    private string GetUser(string session) => _usersOfSessions.GetValueOrDefault(session) ?? SecondSession().Replace(session, string.Empty);

    private static string? NameIn(Exchange exchange, string header) =>
        exchange.ResponseHeaders.GetValueOrDefault(header)?.Split(':')[^1].TrimEnd('>');

    private static async Task<JsonObject> ReadAsync(HttpResponseMessage response)
    {
        using var owned = response;
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? (JsonObject)JsonNode.Parse(text)!
            : throw new InvalidOperationException($"The session could not be had: {text}");
    }

    private void Take(string session, int count, JsonObject response)
    {
        Names.Set($"refresh:{session}.{count}", response["refresh_token"]!.ToString());
        Names.Set($"access:{session}.{count}", response["access_token"]!.ToString());
        Names.Set($"user:{GetUser(session)}", response["user"]!["id"]!.ToString());
        Names.Set($"session:{session}", Token.TryRead(response["access_token"]!.ToString())!.Claims["session_id"]!.ToString());
    }

    private async Task<JsonObject> SignInAsync(string user)
    {
        await EnsureUserAsync(user);
        return await ReadAsync(await SendAsync(
            "POST", "/token?grant_type=password", null, new JsonObject { ["email"] = $"{user}@example.com", ["password"] = Password }));
    }

    private async Task EnsureUserAsync(string user)
    {
        if (!_users.ContainsKey(user))
        {
            var autoconfirm = StandIn.Control.Auth.Autoconfirm;
            StandIn.Control.Auth.Autoconfirm = true;
            var response = await ReadAsync(
                await SendAsync("POST", "/signup", null, new JsonObject { ["email"] = $"{user}@example.com", ["password"] = Password }));
            StandIn.Control.Auth.Autoconfirm = autoconfirm;
            var id = response["user"]?["id"]?.ToString()
                ?? (await StandIn.Control.ScalarAsync<Guid>($"select id from auth.users where email = '{user}@example.com'")).ToString();
            _users[user] = id;
            await ResembleAdminCreatedUserAsync(id);
        }
    }

    /// <summary>
    /// Removes the user metadata that a sign-up stores. The recorded users were created with the admin API, which does not store it.
    /// </summary>
    private async Task ResembleAdminCreatedUserAsync(string id)
    {
        await StandIn.Control.ExecuteAsync(
            $$"""update auth.users set raw_user_meta_data = '{"email_verified": true}' where id = '{{id}}'""");
        await StandIn.Control.ExecuteAsync(
            $$"""
            update auth.identities set identity_data = json_build_object(
                'email', identity_data ->> 'email', 'email_verified', false, 'phone_verified', false, 'sub', user_id)
            where user_id = '{{id}}'
            """);
    }

    protected override byte[]? Describe(Exchange exchange, string text) => text == "<1048455 bytes>"
        ? System.Text.Encoding.UTF8.GetBytes(
            $$$"""{"email":"big2@example.com","password":"{{{Password}}}","data":{"x":"{{{new string('x', 1_048_376)}}}"}}""")
        : null;

    /// <summary>Creates a token with the claims of a user. The token is valid except for the defect that its placeholder names.</summary>
    private async Task<string> MintAsync(string name)
    {
        await OpenSessionAsync("uma", 1);
        return new TokenForge(StandIn, (JsonObject)Token.TryRead(Names["access:uma.1"]!)!.Claims.DeepClone()).Forge(name);
    }

    private async Task<string> ForgeAsync(string name)
    {
        await OpenSessionAsync("forged", 1);
        return TokenForge.ForgeRefresh(Names["refresh:forged.1"]!, name);
    }

    [GeneratedRegex("^(access|refresh):(.+)\\.([0-9]+)$")]
    private static partial Regex SessionToken();

    [GeneratedRegex("<(?:access|refresh):([^>]+)\\.([0-9]+)>")]
    private static partial Regex NamedToken();

    [GeneratedRegex("-(other|second|body)$")]
    private static partial Regex SecondSession();
}
