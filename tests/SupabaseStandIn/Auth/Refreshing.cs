using Npgsql;
using SupabaseStandIn.Database;

namespace SupabaseStandIn.Auth;

/// <summary>
/// Implements the rules of refresh token rotation. With algorithm 1, a used refresh token is a row that refers to its parent. With
/// algorithm 2, the session stores a counter. A client that lost a response may repeat the refresh, but a client that reuses an older token
/// ends the session.
/// </summary>
internal sealed class Refreshing(AuthOptions settings, StandInClock clock)
{
    public sealed record Result(AuthSession Session, AuthUser User, string RefreshToken, IReadOnlyDictionary<string, string> Headers);

    /// <summary>
    /// Tries until the row of the session is locked. An error whose handling changes the database is thrown only after the commit.
    /// </summary>
    public async Task<Result> RefreshAsync(
        string text, Func<CancellationToken, Task<NpgsqlConnection>> open, IHeaderDictionary headers, CancellationToken cancellationToken)
    {
        var signed = RefreshToken.IsOpaque(text)
            ? null
            : RefreshToken.TryRead(text) ?? throw AuthException.Validation("Refresh token is not valid");
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            await using var connection = await open(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var session = signed is null
                ? await FindOpaqueAsync(connection, text, cancellationToken)
                : await FindSignedAsync(connection, signed, cancellationToken);
            var user = await CheckAsync(connection, session, headers, cancellationToken);
            if (await StepAsync(signed is null
                ? "error finding refresh token for update: "
                : string.Empty, () => LockAsync(connection, session, signed is null ? text : null, cancellationToken)))
            {
                // The refresh token is read again after the lock is acquired, because a concurrent request may have used it.
                session = await AuthSession.FindAsync(connection, session.Id, cancellationToken) ?? throw NotFound();
                Func<Result>? result;
                AuthException? error = null;
                try
                {
                    var response = signed is null
                        ? await UseOpaqueAsync(connection, session, user, text, cancellationToken)
                        : await UseSignedAsync(connection, session, user, signed, headers, cancellationToken);
                    result = () => response;
                    foreach (var (name, value) in response.Headers)
                    {
                        headers[name] = value;
                    }

                    await RecordSignInAsync(connection, response, cancellationToken);
                }
                catch (AuthException exception)
                {
                    result = null;
                    error = exception;
                }

                await transaction.CommitAsync(cancellationToken);
                return result?.Invoke() ?? throw error!;
            }

            if (TimeProvider.System.GetElapsedTime(began) > settings.LockLimit)
            {
                throw new AuthException(409, "conflict", "Too many concurrent token refresh requests on the same session or refresh token");
            }

            await transaction.RollbackAsync(cancellationToken);
            await Task.Delay(Random.Shared.Next(10, 30), cancellationToken);
        }
    }

    private static AuthException NotFound() => new(400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found");

    private static AuthException AlreadyUsed() => new(400, "refresh_token_already_used", "Invalid Refresh Token: Already Used");

    private static async Task<AuthSession> FindOpaqueAsync(NpgsqlConnection connection, string text, CancellationToken cancellationToken)
    {
        await using var command = connection.Command("select session_id from auth.refresh_tokens where token = $1", text);
        var id = await StepAsync("error finding refresh token: ", () => command.ExecuteScalarAsync(cancellationToken)) ?? throw NotFound();
        return (id is not Guid session ? null
            : await StepAsync("error finding session from refresh token: error finding session: ",
                () => AuthSession.FindAsync(connection, session, cancellationToken)))
            ?? throw new AuthException(400, "session_not_found", "Invalid Refresh Token: No Valid Session Found");
    }

    private static async Task<AuthSession> FindSignedAsync(
        NpgsqlConnection connection, RefreshToken signed, CancellationToken cancellationToken) =>
        await StepAsync("error finding session: ",
            () => AuthSession.FindAsync(connection, signed.Session, cancellationToken)) is { Key: { } key } session && signed.IsGenuine(key)
            ? session
            : throw NotFound();

    /// <summary>Runs a step of a refresh. If the step fails, the error message contains its name.</summary>
    private static async Task<T> StepAsync<T>(string step, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (NpgsqlException failure)
        {
            throw AuthException.Database(step, failure);
        }
    }

    private async Task<AuthUser> CheckAsync(
        NpgsqlConnection connection, AuthSession session, IHeaderDictionary headers, CancellationToken cancellationToken)
    {
        var user = await AuthUser.FindAsync(connection, session.UserId, cancellationToken) ?? throw NotFound();
        headers["sb-auth-user-id"] = session.UserId.ToString();
        if (user.BannedUntil > clock.Now)
        {
            throw new AuthException(400, "user_banned", "Invalid Refresh Token: User Banned");
        }

        headers["sb-auth-session-id"] = session.Id.ToString();
        if (session.CreatedAt + settings.SessionTimebox < clock.Now)
        {
            throw Expired("Session Expired");
        }

        if (session.LastUsedAt + settings.InactivityTimeout < clock.Now)
        {
            throw Expired("Session Expired (Inactivity)");
        }

        if (settings.SingleSessionPerUser)
        {
            await using var newer = connection.Command(
                "select exists (select from auth.sessions where user_id = $1 and created_at > $2)", session.UserId, session.CreatedAt);
            if (await newer.ExecuteScalarAsync(cancellationToken) is true)
            {
                throw Expired("Session Expired (Revoked by Newer Login)");
            }
        }

        return user;
    }

    private static AuthException Expired(string why) => new(400, "session_expired", $"Invalid Refresh Token: {why}");

    private static async Task<bool> LockAsync(
        NpgsqlConnection connection, AuthSession session, string? opaque, CancellationToken cancellationToken)
    {
        await using var row = connection.Command("select id from auth.sessions where id = $1 for update skip locked", session.Id);
        if (await row.ExecuteScalarAsync(cancellationToken) is null)
        {
            return false;
        }

        if (opaque is null)
        {
            return true;
        }

        await using var token = connection.Command("select id from auth.refresh_tokens where token = $1 for update skip locked", opaque);
        return await token.ExecuteScalarAsync(cancellationToken) is not null;
    }

    private async Task<Result> UseOpaqueAsync(
        NpgsqlConnection connection, AuthSession session, AuthUser user, string text, CancellationToken cancellationToken)
    {
        var (revoked, updatedAt) = await ReadOpaqueAsync(connection, text, cancellationToken);
        var upgrade = settings is { RefreshAlgorithm: 2, UpgradeRefreshTokens: true };
        if (revoked && !upgrade && await FindUnreceivedTokenAsync(connection, session, text, cancellationToken) is { } active)
        {
            return new Result(session, user, active, new Dictionary<string, string> { ["sb-auth-refresh-token-prefix"] = active[..5] });
        }

        if (revoked && !(clock.Now < updatedAt.AddSeconds(settings.ReuseInterval)))
        {
            // With the new timestamp, the newest token counts as just used, as in the real server.
            if (settings.Rotation && !upgrade)
            {
                await using var revoke = connection.Command(
                    "update auth.refresh_tokens set revoked = true, updated_at = $2 where session_id = $1 and not revoked",
                        session.Id, clock.Now);
                await revoke.ExecuteNonQueryAsync(cancellationToken);
            }

            throw AlreadyUsed();
        }

        if (!revoked)
        {
            await using var use =
                connection.Command("update auth.refresh_tokens set revoked = true, updated_at = $2 where token = $1", text, clock.Now);
            await use.ExecuteNonQueryAsync(cancellationToken);
        }

        if (upgrade)
        {
            return await UpgradeAsync(connection, session, user, cancellationToken);
        }

        var child = await AuthSession.AddOpaqueTokenAsync(connection, session, text, clock.Now, cancellationToken);
        return new Result(session, user, child, new Dictionary<string, string>
        {
            ["sb-auth-refresh-token-prefix"] = child[..5],
            ["sb-auth-refresh-token-reuse"] = "false",
        });
    }

    private static async Task<(bool Revoked, DateTimeOffset UpdatedAt)> ReadOpaqueAsync(
        NpgsqlConnection connection, string text, CancellationToken cancellationToken)
    {
        await using var command = connection.Command("select revoked, updated_at from auth.refresh_tokens where token = $1", text);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? (reader.GetBoolean(0), reader.GetFieldValue<DateTimeOffset>(1))
            : throw NotFound();
    }

    /// <summary>
    /// Returns the session's newest valid token if its parent is the token in the request. The client may have lost the response with the
    /// newest token.
    /// </summary>
    private static async Task<string?> FindUnreceivedTokenAsync(
        NpgsqlConnection connection, AuthSession session, string parent, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            "select case when parent = $2 then token end from auth.refresh_tokens where session_id = $1 and not revoked order "
                + "by id desc limit 1", session.Id, parent);
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    private async Task<Result> UpgradeAsync(
        NpgsqlConnection connection, AuthSession session, AuthUser user, CancellationToken cancellationToken)
    {
        var key = session.Key ?? RefreshToken.NewKey();
        var counter = session.Counter + 1 ?? 0;
        var token = await CountAsync(connection, session, key, counter, cancellationToken);
        return new Result(session, user, token, new Dictionary<string, string>
        {
            ["sb-auth-refresh-token-prefix"] = token[..5],
            ["sb-auth-refresh-token-counter"] = $"{counter}",
            ["sb-auth-refresh-token-reuse"] = "false",
        });
    }

    private async Task<Result> UseSignedAsync(
        NpgsqlConnection connection, AuthSession session, AuthUser user, RefreshToken used, IHeaderDictionary headers,
            CancellationToken cancellationToken)
    {
        var behind = session.Counter!.Value - used.Counter;
        if (behind < 0)
        {
            throw AuthException.Validation("Invalid Refresh Token: Not Issued By This Server");
        }

        if (behind == 0)
        {
            var next = await CountAsync(connection, session, session.Key!, session.Counter.Value + 1, cancellationToken);
            return new Result(session, user, next, new Dictionary<string, string>
            {
                ["sb-auth-refresh-token-counter"] = $"{session.Counter + 1}",
                ["sb-auth-refresh-token-reuse"] = "false",
            });
        }

        var concurrent = clock.Now < session.LastUsedAt.AddSeconds(settings.ReuseInterval);
        if (behind > 1 && !concurrent)
        {
            if (settings.Rotation)
            {
                headers["sb-auth-refresh-token-rotated"] = "true";
                await using var end = connection.Command("delete from auth.sessions where id = $1", session.Id);
                await end.ExecuteNonQueryAsync(cancellationToken);
            }

            throw AlreadyUsed();
        }

        string?[] causes = [concurrent ? "concurrent-refresh" : null, behind == 1 ? "fail-to-save" : null];
        return new Result(session, user, RefreshToken.Write(session.Id, session.Counter.Value, session.Key!), new Dictionary<string, string>
        {
            ["sb-auth-refresh-token-counter"] = $"{session.Counter}",
            ["sb-auth-refresh-token-reuse-cause"] = string.Join(',', causes.Where(cause => cause is not null)),
        });
    }

    private async Task<string> CountAsync(
        NpgsqlConnection connection, AuthSession session, string key, long counter, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            "update auth.sessions set refresh_token_hmac_key = $2, refresh_token_counter = $3, refreshed_at = $4 where id = $1", session.Id,
                key, counter, clock.Now);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return RefreshToken.Write(session.Id, counter, key);
    }

    private async Task RecordSignInAsync(NpgsqlConnection connection, Result response, CancellationToken cancellationToken)
    {
        response.User.LastSignInAt = clock.Now;
        await using var user =
            connection.Command("update auth.users set last_sign_in_at = $2, updated_at = $2 where id = $1", response.User.Id, clock.Now);
        await user.ExecuteNonQueryAsync(cancellationToken);
        if (response.Session.Key is null)
        {
            await using var session =
                connection.Command("update auth.sessions set refreshed_at = $2 where id = $1", response.Session.Id, clock.Now);
            await session.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
