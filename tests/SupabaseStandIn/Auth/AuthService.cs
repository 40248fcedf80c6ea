using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Npgsql;
using SupabaseStandIn.Database;
using SupabaseStandIn.Gateway;
using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Auth;

/// <summary>Handles the routes of Supabase Auth.</summary>
internal sealed class AuthService(StandInDatabase database, StandInClock clock, KeyRing keys, AuthOptions settings, string version)
    : IService, IAsyncDisposable
{
    /// <summary>The connection parameters of the platform's database that error messages contain.</summary>
    private const string Target = "host=127.0.0.1 user=supabase_auth_admin database=postgres";

    private readonly bool _isNew = version != "2.186.0";
    private readonly ConcurrentDictionary<Task, bool> _unfinished = new();
    private readonly RateLimiter _limiter = new(clock);
    private readonly BearerCheck _bearer = new(keys, clock, acceptsUpperCase: version != "2.186.0");
    private readonly SignIn _signIn = new(clock, settings);
    private readonly SignUp _signUp = new(clock, settings);
    private readonly Refreshing _refreshing = new(settings, clock);

    /// <summary>
    /// After a timeout, the response is sent immediately, because a database that does not respond does not react to a cancellation either.
    /// The canceled work no longer uses the request.
    /// </summary>
    public async Task HandleAsync(ServiceRequest request)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted);
        time.CancelAfter(settings.RequestLimit);
        var cancelled = new CancellationTokenSource();
        var work = Task.CompletedTask;
        try
        {
            var detached = await DetachedRequest.CreateAsync(request, time.Token, cancelled.Token);
            work = HandleRequestAsync(detached.Request, cancelled.Token);
            await work.WaitAsync(time.Token);
            await detached.CopyResponseAsync(request.Response);
        }
        catch (OperationCanceledException) when (!request.Aborted.IsCancellationRequested)
        {
            await AuthErrors.WriteAsync(
                request, new AuthException(504, "request_timeout", "Processing this request timed out, please retry after a moment."));
        }
        finally
        {
            _ = FinishAsync(work, cancelled);
        }
    }

    /// <summary>Waits until all background work has ended.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(_unfinished.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task FinishAsync(Task work, CancellationTokenSource cancelled)
    {
        if (!work.IsCompleted)
        {
            _unfinished.TryAdd(work, true);
            await cancelled.CancelAsync();
            await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _unfinished.TryRemove(work, out _);
        }

        cancelled.Dispose();
    }

    private async Task HandleRequestAsync(ServiceRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await RouteAsync(request, cancellationToken);
        }
        catch (AuthException error)
        {
            await AuthErrors.WriteAsync(request, error);
        }
        catch (NpgsqlException)
        {
            await AuthErrors.WriteAsync(request, AuthException.Unhandled());
        }
        catch (NotSupportedException unsupported)
        {
            await request.Response.NotImplementedAsync($"{unsupported.Message} in Auth");
        }
    }

    private Task RouteAsync(ServiceRequest request, CancellationToken cancellationToken)
    {
        request.Response.Headers.Vary = "Origin";
        if (request.Context.Request.Headers.Origin.Count > 0)
        {
            request.Response.Headers.AccessControlAllowCredentials = "true";
            request.Response.Headers.AccessControlExposeHeaders = "X-Total-Count, Link, X-Supabase-Api-Version";
        }

        return (request.Method, request.Path) switch
        {
            ("POST", "/signup") => SignUpAsync(request, cancellationToken),
            ("POST", "/token") => TokenAsync(request, cancellationToken),
            ("GET", "/user" or "/user/") => UserAsync(request, cancellationToken),
            ("PUT", "/user" or "/user/") => UpdateUserAsync(request, cancellationToken),
            ("POST", "/logout") => LogoutAsync(request, cancellationToken),
            ("GET", "/.well-known/jwks.json") => KeysAsync(request),
            ("GET", "/health") => request.Response.JsonAsync(200, new JsonObject
            {
                ["version"] = $"v{version}",
                ["name"] = "GoTrue",
                ["description"] = "GoTrue is a user registration and authentication API",
            }),
            ("GET", "/settings") => request.Response.JsonAsync(200, AuthSettingsResponse.Create(settings, _isNew)),
            (_, "/signup" or "/token" or "/logout") => NotAllowed(request, "POST"),
            (_, "/user") => NotAllowed(request, "GET || PUT"),
            (_, "/.well-known/jwks.json" or "/health" or "/settings") => NotAllowed(request, "GET"),
            _ => request.Response.NotImplementedAsync($"{request.Method} {request.Path} of Auth"),
        };
    }

    private static Task NotAllowed(ServiceRequest request, string allowed)
    {
        request.Response.Headers.Allow = allowed;
        request.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        return Task.CompletedTask;
    }

    private async Task SignUpAsync(ServiceRequest request, CancellationToken cancellationToken)
    {
        Limited(request, "signup", TimeSpan.FromSeconds(10));
        var body = await AuthBody.ReadAsync(request, "SignupParams", _isNew, cancellationToken);
        var outcome = await _signUp.SignUpAsync(body, Open("Database error finding user"), cancellationToken);
        if (outcome.RefreshToken is null)
        {
            await request.Response.JsonAsync(200, outcome.User);
            return;
        }

        await WriteSessionAsync(request, outcome.Session!, outcome.Row!, outcome.RefreshToken, justSignedUp: true);
    }

    private async Task TokenAsync(ServiceRequest request, CancellationToken cancellationToken)
    {
        var grant = request.Parameter("grant_type");
        if (grant is not ("password" or "refresh_token"))
        {
            if (grant is "pkce" or "id_token" or "web3")
            {
                await request.Response.NotImplementedAsync($"the grant {grant}");
                return;
            }

            // A form body is parsed before the grant type is checked.
            _ = request.Context.Request.HasFormContentType ? await AuthBody.ReadAsync(request, "Params", _isNew, cancellationToken) : null;
            throw new AuthException(400, "invalid_credentials", "unsupported_grant_type");
        }

        Limited(request, "token", TimeSpan.FromSeconds(2));
        if (grant == "password")
        {
            var credentials = await AuthBody.ReadAsync(request, "PasswordGrantParams", _isNew, cancellationToken);
            var (session, user, token) =
                await _signIn.SignInAsync(credentials, Open("Database error querying schema"), request.Response.Headers, cancellationToken);
            await WriteSessionAsync(request, session, user, token, password: credentials.Text("password"));
            return;
        }

        var refresh = (await AuthBody.ReadAsync(request, "RefreshTokenGrantParams", _isNew, cancellationToken)).Text("refresh_token")
            ?? string.Empty;
        var step = RefreshToken.IsOpaque(refresh) ? "error finding refresh token" : "error finding session";
        var result = await _refreshing.RefreshAsync(refresh, Open(step, showsAddress: true), request.Response.Headers, cancellationToken);
        result.User.LastSignInAt = _isNew || result.Session.Key is null ? result.User.LastSignInAt : null;
        await WriteSessionAsync(request, result.Session, result.User, result.RefreshToken);
    }

    private async Task UserAsync(ServiceRequest request, CancellationToken cancellationToken)
    {
        var (user, session) = await CurrentAsync(request, cancellationToken);
        user.LastSignInAt = _isNew || session?.Key is null ? user.LastSignInAt : null;
        await request.Response.JsonAsync(200, user.ToJson());
    }

    private async Task UpdateUserAsync(ServiceRequest request, CancellationToken cancellationToken)
    {
        Limited(request, "user", TimeSpan.FromSeconds(10));
        var (user, session) = await CurrentAsync(request, cancellationToken);
        var body = await AuthBody.ReadAsync(request, "UserUpdateParams", _isNew, cancellationToken);
        await using var connection = await Open("Error updating user")(cancellationToken);
        await new UserUpdate(clock, settings).ApplyAsync(connection, user, session, body, cancellationToken);
        user = (await AuthUser.FindAsync(connection, user.Id, cancellationToken))!;
        user.LastSignInAt = _isNew || session?.Key is null ? user.LastSignInAt : null;
        await request.Response.JsonAsync(200, user.ToJson());
    }

    private async Task LogoutAsync(ServiceRequest request, CancellationToken cancellationToken)
    {
        var (user, session) = await CurrentAsync(request, cancellationToken);
        var scope = request.Parameter("scope") is { Length: > 0 } requested ? requested : "global";
        var which = scope switch
        {
            "global" => "true",
            "local" => "id = coalesce($2, id)",
            "others" => "id <> $2",
            _ => throw AuthException.Validation($"Unsupported logout scope \"{scope}\""),
        };
        try
        {
            await using var connection = await Open(null)(cancellationToken);
            await using var command = connection.Command(
                $"delete from auth.sessions where user_id = $1 and ($2::uuid is null or true) and {which}", user.Id, session?.Id);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (NpgsqlException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AuthException(500, "unexpected_failure", "Error logging out user");
        }

        request.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private Task KeysAsync(ServiceRequest request)
    {
        request.Response.Headers.CacheControl = "public, max-age=600";
        return request.Response.JsonAsync(
            200, new JsonObject { ["keys"] = new JsonArray([.. keys.Verifying.Select(key => key.Published()).OfType<JsonNode>()]) });
    }

    /// <summary>Returns the user of the token. Only this method rejects a valid token whose session has ended.</summary>
    private async Task<(AuthUser User, AuthSession? Session)> CurrentAsync(ServiceRequest request, CancellationToken cancellationToken)
    {
        var claims = _bearer.Check(request);
        var id = claims.Text("session_id");
        var sessionId = Guid.Empty;
        if (!string.IsNullOrEmpty(id) && !Guid.TryParse(id, out sessionId))
        {
            throw AuthException.BadToken("invalid claim: session_id claim must be a UUID");
        }

        await using var connection = await Open(null)(cancellationToken);
        var user = await AuthUser.FindAsync(connection, Guid.Parse(claims.Text("sub")!), cancellationToken)
            ?? throw new AuthException(403, "user_not_found", "User from sub claim in JWT does not exist");
        var session = sessionId == Guid.Empty ? null
            : await AuthSession.FindAsync(connection, sessionId, cancellationToken)
                ?? throw new AuthException(403, "session_not_found", "Session from session_id claim in JWT does not exist");
        return _isNew && user.BannedUntil > clock.Now ? throw new AuthException(403, "user_banned", "User is banned") : (user, session);
    }

    private Task WriteSessionAsync(
        ServiceRequest request, AuthSession session, AuthUser user, string refreshToken, bool justSignedUp = false, string? password = null)
    {
        var headers = request.Response.Headers;
        headers["sb-auth-user-id"] = user.Id.ToString();
        headers["sb-auth-session-id"] = session.Id.ToString();
        if (RefreshToken.IsOpaque(refreshToken))
        {
            headers["sb-auth-refresh-token-prefix"] = refreshToken[..5];
        }
        else if (!headers.ContainsKey("sb-auth-refresh-token-counter"))
        {
            headers["sb-auth-refresh-token-counter"] = "0";
        }

        var issuer = $"{request.Context.Request.Scheme}://{request.Context.Request.Host}/auth/v1";
        var response = new JsonObject
        {
            ["access_token"] = session.AccessToken(user, issuer, settings, keys.Current, clock),
            ["token_type"] = "bearer",
            ["expires_in"] = settings.TokenLifetime,
            ["expires_at"] = clock.Seconds + settings.TokenLifetime,
            ["refresh_token"] = refreshToken,
            ["user"] = user.ToJson(justSignedUp),
        };
        if (password is not null)
        {
            response["weak_password"] = _signUp.Weakness(password) is { } weakness
                ? new JsonObject { ["message"] = weakness.Message,
                    ["reasons"] = new JsonArray([.. weakness.Reasons.Select(reason => JsonValue.Create(reason))]) }
                : null;
        }

        return request.Response.JsonAsync(200, response);
    }

    private void Limited(ServiceRequest request, string route, TimeSpan refill)
    {
        if (settings.TokenBurst is { } burst)
        {
            var address = request.Header("X-Forwarded-For")?.Split(',')[0].Trim()
                ?? request.Context.Connection.RemoteIpAddress?.ToString() ?? string.Empty;
            _limiter.Check(route, address, burst, refill);
        }
    }

    /// <summary>
    /// Opens a working connection. A broken idle connection is replaced, because the real Auth service keeps no idle connections by
    /// default. If no connection is available, the error message names the step of the request.
    /// </summary>
    private Func<CancellationToken, Task<NpgsqlConnection>> Open(string? step, bool showsAddress = false) => async cancellationToken =>
    {
        try
        {
            return settings.KeepsIdleConnections
                ? await database.AuthPool.OpenAsync(cancellationToken)
                : await OpenValidatedAsync(cancellationToken);
        }
        catch (NpgsqlException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw step is null ? AuthException.Unhandled()
                : !showsAddress ? new AuthException(500, "unexpected_failure", step)
                : exception is PostgresException rejection
                    ? new AuthException(
                        500, "unexpected_failure",
                            $"{step}: failed to connect to `{Target}`: server error ({rejection.InvariantSeverity}: "
                                + $"{rejection.MessageText} (SQLSTATE {rejection.SqlState}))")
                : new AuthException(500, "unexpected_failure",
                    $"{step}: failed to connect to `{Target}`: dial error (dial tcp {database.Address}: connect: connection refused)");
        }
    };

    private async Task<NpgsqlConnection> OpenValidatedAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var connection = await database.Auth.OpenConnectionAsync(cancellationToken);
            try
            {
                await using var ping = connection.Command("select 1");
                await ping.ExecuteNonQueryAsync(cancellationToken);
                return connection;
            }
            catch (NpgsqlException) when (!cancellationToken.IsCancellationRequested)
            {
                await connection.DisposeAsync();
            }
        }
    }
}
