using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using SupabaseStandIn.Database;
using SupabaseStandIn.Gateway;
using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Auth;

/// <summary>Supabase Auth with e-mail and password, confirmed at once.</summary>
internal sealed class AuthService(StandInDatabase database, KeyRing keys, StandInClock clock, AuthOptions options, string version, Func<string> address) : IService
{
    private const int LeastPassword = 6;
    private const int MostPasswordBytes = 72;

    private readonly UserTable _users = new(database, clock);
    private readonly SessionTable _sessions = new(database, clock, options);
    private readonly TokenBucket _tokenRequests = new(clock);

    // Since 2.195.0 a ban also ends what a live access token may do.
    private readonly bool _bansLiveTokens = Version.Parse(version) >= new Version(2, 195, 0);

    public async Task HandleAsync(ServiceRequest request)
    {
        try
        {
            await RouteAsync(request);
        }
        catch (AuthError error)
        {
            await RefuseAsync(request, error);
        }
        catch (NpgsqlException)
        {
            await RefuseAsync(request, new AuthError(500, "unexpected_failure", "Database error querying schema"));
        }
    }

    private Task RouteAsync(ServiceRequest request) => (request.Method, request.Path) switch
    {
        ("POST", "/signup") => SignUpAsync(request),
        ("POST", "/token") => TokenAsync(request),
        ("GET", "/user") => UserAsync(request),
        ("POST", "/logout") => LogoutAsync(request),
        ("GET", "/.well-known/jwks.json") => KeysAsync(request),
        ("GET", "/health") => request.Response.JsonAsync(200, new JsonObject { ["version"] = $"v{version}", ["name"] = "GoTrue", ["description"] = "GoTrue is a user registration and authentication API" }),
        ("GET", "/settings") => request.Response.JsonAsync(200, new JsonObject { ["external"] = new JsonObject { ["email"] = true }, ["disable_signup"] = false, ["mailer_autoconfirm"] = true }),
        (_, "/signup" or "/token" or "/user" or "/logout") => request.Response.NotImplementedAsync($"{request.Method} {request.Path} of Auth"),
        _ => request.Response.NotImplementedAsync($"{request.Path} of Auth"),
    };

    private async Task SignUpAsync(ServiceRequest request)
    {
        var body = await ReadJsonAsync(request);
        var (email, password) = (body.Text("email")?.Trim().ToLowerInvariant() ?? string.Empty, body.Text("password") ?? string.Empty);
        if (email.Length == 0)
        {
            throw new AuthError(422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled");
        }

        if (password.Length == 0)
        {
            throw AuthError.Validation("Signup requires a valid password");
        }

        if (System.Text.Encoding.UTF8.GetByteCount(password) > MostPasswordBytes)
        {
            throw AuthError.Validation($"Password cannot be longer than {MostPasswordBytes} characters");
        }

        if (!email.Contains('@', StringComparison.Ordinal))
        {
            throw AuthError.Validation("Unable to validate email address: invalid format");
        }

        if (password.Length < LeastPassword)
        {
            throw new AuthError(422, "weak_password", $"Password should be at least {LeastPassword} characters.");
        }

        var user = await _users.CreateAsync(email, password, body["data"] as JsonObject, request.Aborted)
            ?? throw new AuthError(422, "user_already_exists", "User already registered");
        await AnswerAsync(request, user, await _sessions.BeginAsync(user.Id, request.Aborted), afterSignUp: true);
    }

    private async Task TokenAsync(ServiceRequest request)
    {
        var grant = request.Parameter("grant_type");
        if (grant is not ("password" or "refresh_token"))
        {
            throw new AuthError(400, "invalid_credentials", "unsupported_grant_type");
        }

        if (options.TokenBurst is { } burst && !_tokenRequests.Take(burst))
        {
            throw new AuthError(429, "over_request_rate_limit", "Request rate limit reached");
        }

        var body = await ReadJsonAsync(request);
        await (grant == "password" ? PasswordAsync(request, body) : RefreshAsync(request, body));
    }

    private async Task PasswordAsync(ServiceRequest request, JsonObject body)
    {
        if (body.Text("email") is not { Length: > 0 } email)
        {
            throw AuthError.Validation("missing email or phone");
        }

        var user = await _users.FindAsync(email, request.Aborted) ?? throw AuthError.BadCredentials();

        // A ban is told before the password is looked at.
        if (IsBanned(user))
        {
            throw new AuthError(400, "user_banned", "User is banned");
        }

        if (!UserTable.IsPassword(user, body.Text("password") ?? string.Empty))
        {
            throw AuthError.BadCredentials();
        }

        await _users.SignedInAsync(user.Id, request.Aborted);
        await AnswerAsync(request, (await _users.FindAsync(user.Id, request.Aborted))!, await _sessions.BeginAsync(user.Id, request.Aborted));
    }

    private async Task RefreshAsync(ServiceRequest request, JsonObject body)
    {
        var (id, session, token) = await _sessions.RefreshAsync(body.Text("refresh_token") ?? string.Empty, request.Aborted);
        var user = await _users.FindAsync(id, request.Aborted) ?? throw AuthError.BadRefreshToken();
        if (IsBanned(user))
        {
            throw new AuthError(400, "user_banned", "Invalid Refresh Token: User Banned");
        }

        await AnswerAsync(request, user, (session, token));
    }

    private async Task UserAsync(ServiceRequest request)
    {
        var (user, _) = await BearerAsync(request);
        await request.Response.JsonAsync(200, user.ToJson());
    }

    private async Task LogoutAsync(ServiceRequest request)
    {
        var scope = request.Parameter("scope") ?? "global";
        if (scope is not ("global" or "local" or "others"))
        {
            throw AuthError.Validation("Unsupported logout scope \"" + scope + "\"");
        }

        var (user, session) = await BearerAsync(request);
        await _sessions.EndAsync(user.Id, session, scope, request.Aborted);
        request.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private Task KeysAsync(ServiceRequest request)
    {
        request.Response.Headers.CacheControl = "public, max-age=600";
        var published = keys.Verifying.Select(static key => key.Published()).OfType<JsonObject>();
        return request.Response.JsonAsync(200, new JsonObject { ["keys"] = new JsonArray([.. published]) });
    }

    private async Task<(UserRow User, Guid? Session)> BearerAsync(ServiceRequest request)
    {
        var parts = (request.Authorization ?? string.Empty).Split(' ');
        if (parts is not [var scheme, { Length: > 0 } text] || !scheme.Equals("bearer", StringComparison.OrdinalIgnoreCase))
        {
            throw new AuthError(401, "no_authorization", "This endpoint requires a valid Bearer token");
        }

        var claims = Verify(text);
        if (claims.Text("sub") is not { Length: > 0 } subject)
        {
            throw new AuthError(403, "bad_jwt", "invalid claim: missing sub claim");
        }

        if (!Guid.TryParse(subject, out var id))
        {
            throw new AuthError(400, "bad_jwt", "invalid claim: sub claim must be a UUID");
        }

        var user = await _users.FindAsync(id, request.Aborted) ?? throw new AuthError(403, "user_not_found", "User from sub claim in JWT does not exist");
        if (IsBanned(user) && _bansLiveTokens)
        {
            throw new AuthError(403, "user_banned", "User is banned");
        }

        var session = Guid.TryParse(claims.Text("session_id"), out var own) && own != Guid.Empty ? own : (Guid?)null;
        return session is null || await _sessions.IsThereAsync(session.Value, request.Aborted)
            ? (user, session)
            : throw new AuthError(403, "session_not_found", "Session from session_id claim in JWT does not exist");
    }

    private JsonObject Verify(string text)
    {
        if (Token.TryRead(text) is not { } token)
        {
            throw AuthError.BadToken("token is malformed: token contains an invalid number of segments");
        }

        if (token.Algorithm is not ("HS256" or "ES256"))
        {
            throw AuthError.BadToken($"token signature is invalid: signing method {token.Algorithm} is invalid");
        }

        var key = token.KeyId is { } id && !keys.IsLegacyOnly ? keys.Find(id) : keys.Verifying.FirstOrDefault(static known => known.Id == SigningKey.LegacyId);
        if (key is null)
        {
            throw AuthError.BadToken($"token is unverifiable: error while executing keyfunc: unrecognized JWT kid {token.KeyId} for algorithm {token.Algorithm}");
        }

        if (key.Algorithm != token.Algorithm || !key.Verifies(token.Signed, token.Signature))
        {
            throw AuthError.BadToken("token signature is invalid: signature is invalid");
        }

        // No leeway at all.
        return token.Claims.TrySeconds("exp", out var expires) && expires <= clock.Now.ToUnixTimeMilliseconds() / 1000.0
            ? throw AuthError.BadToken("token has invalid claims: token is expired")
            : token.Claims;
    }

    private bool IsBanned(UserRow user) => user.BannedUntil is { } until && until > clock.Now.UtcDateTime;

    private async Task AnswerAsync(ServiceRequest request, UserRow user, (Guid Session, string RefreshToken) session, bool afterSignUp = false)
    {
        var now = clock.Seconds;
        var claims = new JsonObject
        {
            ["iss"] = $"{address()}/auth/v1",
            ["sub"] = user.Id.ToString(),
            ["aud"] = "authenticated",
            ["exp"] = now + options.TokenLifetime,
            ["iat"] = now,
            ["email"] = user.Email,
            ["phone"] = string.Empty,
            ["app_metadata"] = new JsonObject { ["provider"] = "email", ["providers"] = new JsonArray("email") },
            ["user_metadata"] = JsonNode.Parse(user.UserMetadata),
            ["role"] = "authenticated",
            ["aal"] = "aal1",
            ["amr"] = new JsonArray(new JsonObject { ["method"] = "password", ["timestamp"] = now }),
            ["session_id"] = session.Session.ToString(),
            ["is_anonymous"] = false,
        };
        request.Response.Headers["sb-auth-user-id"] = user.Id.ToString();
        request.Response.Headers["sb-auth-session-id"] = session.Session.ToString();
        await request.Response.JsonAsync(200, new JsonObject
        {
            ["access_token"] = Token.Write(claims, keys.Current),
            ["token_type"] = "bearer",
            ["expires_in"] = options.TokenLifetime,
            ["expires_at"] = now + options.TokenLifetime,
            ["refresh_token"] = session.RefreshToken,
            ["user"] = user.ToJson(afterSignUp),
        });
    }

    private static async Task<JsonObject> ReadJsonAsync(ServiceRequest request)
    {
        try
        {
            return JsonNode.Parse(await request.ReadBodyAsync()) as JsonObject ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new AuthError(400, "bad_json", "Could not parse request body as JSON: unexpected end of JSON input");
        }
    }

    private static async Task RefuseAsync(ServiceRequest request, AuthError error)
    {
        request.Response.Clear();
        Cors.TryPreflight(request.Context);
        request.Response.Headers["x-sb-error-code"] = error.Code;
        var (body, echo) = error.Body(request.Header("X-Supabase-Api-Version"));
        if (echo is not null)
        {
            request.Response.Headers["X-Supabase-Api-Version"] = echo;
        }

        await request.Response.JsonAsync(error.Status, body);
    }
}
