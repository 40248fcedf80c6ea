using System.Security.Cryptography;
using Npgsql;
using SupabaseStandIn.Database;

namespace SupabaseStandIn.Auth;

/// <summary>Sessions and their refresh tokens, with the rules of reuse of both kinds.</summary>
internal sealed class SessionTable(StandInDatabase database, StandInClock clock, AuthOptions options)
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Begins a session.</summary>
    public async Task<(Guid Session, string RefreshToken)> BeginAsync(Guid user, CancellationToken cancellationToken)
    {
        var (session, key) = (Guid.NewGuid(), RandomNumberGenerator.GetBytes(32));
        await using var connection = await database.Auth.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var isV2 = options.RefreshAlgorithm == 2;
        await ExecuteAsync(
            connection,
            "insert into auth.sessions (id, user_id, created_at, refresh_token_hmac_key, refresh_token_counter) values ($1, $2, $3, $4, $5)",
            session, user, clock.Now.UtcDateTime, isV2 ? Convert.ToHexString(key) : null, isV2 ? 0L : null);
        var token = isV2 ? RefreshTokenV2.Write(session, 0, key) : await AddAsync(connection, user, session, parent: null);
        await transaction.CommitAsync(cancellationToken);
        return (session, token);
    }

    public async Task<bool> IsThereAsync(Guid session, CancellationToken cancellationToken) =>
        await database.ScalarAsync<bool>("select exists (select from auth.sessions where id = $1)", [session], cancellationToken);

    /// <summary>Exchanges a refresh token.</summary>
    /// <exception cref="AuthError">It is unknown, or was used before and not forgiven.</exception>
    public async Task<(Guid User, Guid Session, string RefreshToken)> RefreshAsync(string token, CancellationToken cancellationToken)
    {
        var isV1 = token.Length == 12 && token.All(Letters.Contains);
        var v2 = isV1 ? default(RefreshTokenV2?) : RefreshTokenV2.TryRead(token) ?? throw AuthError.Validation("Refresh token is not valid");
        await using var connection = await database.Auth.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (result, error) = v2 is { } counted ? await CountAsync(connection, counted) : await RotateAsync(connection, token);

        // What a replay takes with it stays taken, although it is answered with a refusal.
        await transaction.CommitAsync(CancellationToken.None);
        return error is null ? result : throw error;
    }

    public async Task EndAsync(Guid user, Guid? session, string scope, CancellationToken cancellationToken)
    {
        var (sql, parameters) = (scope, session) switch
        {
            ("local", { } own) => ("delete from auth.sessions where id = $1", new object?[] { own }),
            ("others", { } own) => ("delete from auth.sessions where user_id = $1 and id <> $2", [user, own]),
            _ => ("delete from auth.sessions where user_id = $1", [user]),
        };
        await database.ExecuteAsync(sql, parameters, cancellationToken);
    }

    private async Task<((Guid, Guid, string), AuthError?)> RotateAsync(NpgsqlConnection connection, string token)
    {
        var found = await ReadAsync(
            connection,
            "select t.user_id::uuid, t.session_id, t.revoked, t.updated_at, s.id is not null from auth.refresh_tokens t left join auth.sessions s on s.id = t.session_id where t.token = $1 for update of t",
            static rows => (User: rows.GetGuid(0), Session: rows.GetGuid(1), Revoked: rows.GetBoolean(2), UpdatedAt: rows.GetDateTime(3), HasSession: rows.GetBoolean(4)),
            token);
        if (found is not { } row)
        {
            return (default, AuthError.BadRefreshToken());
        }

        if (!row.HasSession)
        {
            return (default, new AuthError(400, "session_not_found", "Invalid Refresh Token: No Valid Session Found"));
        }

        if (!row.Revoked)
        {
            await ExecuteAsync(connection, "update auth.refresh_tokens set revoked = true, updated_at = $2 where token = $1", token, clock.Now.UtcDateTime);
            return ((row.User, row.Session, await AddAsync(connection, row.User, row.Session, token)), null);
        }

        var active = await ReadAsync(
            connection,
            "select token, coalesce(parent, '') from auth.refresh_tokens where session_id = $1 and not revoked order by id desc limit 1",
            static rows => (Token: rows.GetString(0), Parent: rows.GetString(1)),
            row.Session);
        if (active is { } newest && newest.Parent == token)
        {
            // The answer to this token was lost: it gets the same one, whenever it comes.
            return ((row.User, row.Session, newest.Token), null);
        }

        if (row.UpdatedAt.AddSeconds(options.ReuseInterval) > clock.Now.UtcDateTime)
        {
            return ((row.User, row.Session, await AddAsync(connection, row.User, row.Session, token)), null);
        }

        await ExecuteAsync(connection, "update auth.refresh_tokens set revoked = true, updated_at = $2 where session_id = $1 and not revoked", row.Session, clock.Now.UtcDateTime);
        return (default, AuthError.UsedRefreshToken());
    }

    private async Task<((Guid, Guid, string), AuthError?)> CountAsync(NpgsqlConnection connection, RefreshTokenV2 token)
    {
        var found = await ReadAsync(
            connection,
            "select user_id, refresh_token_hmac_key, refresh_token_counter, coalesce(refreshed_at, created_at) from auth.sessions where id = $1 and refresh_token_hmac_key is not null for update",
            static rows => (User: rows.GetGuid(0), Key: Convert.FromHexString(rows.GetString(1)), Counter: rows.GetInt64(2), RefreshedAt: rows.GetDateTime(3)),
            token.Session);
        if (found is not { } row || !token.IsSignedBy(row.Key))
        {
            return (default, AuthError.BadRefreshToken());
        }

        switch (row.Counter - token.Counter)
        {
            case < 0:
                return (default, AuthError.Validation("Invalid Refresh Token: Not Issued By This Server"));
            case 0:
                await ExecuteAsync(connection, "update auth.sessions set refresh_token_counter = $2, refreshed_at = $3 where id = $1", token.Session, row.Counter + 1, clock.Now.UtcDateTime);
                return ((row.User, token.Session, RefreshTokenV2.Write(token.Session, row.Counter + 1, row.Key)), null);
            case > 1 when row.RefreshedAt.AddSeconds(options.ReuseInterval) <= clock.Now.UtcDateTime:
                await ExecuteAsync(connection, "delete from auth.sessions where id = $1", token.Session);
                return (default, AuthError.UsedRefreshToken());
            default:
                return ((row.User, token.Session, RefreshTokenV2.Write(token.Session, row.Counter, row.Key)), null);
        }
    }

    private async Task<string> AddAsync(NpgsqlConnection connection, Guid user, Guid session, string? parent)
    {
        var token = RandomNumberGenerator.GetString(Letters, 12);
        await ExecuteAsync(
            connection,
            "insert into auth.refresh_tokens (token, user_id, session_id, parent, created_at, updated_at) values ($1, $2, $3, $4, $5, $5)",
            token, user.ToString(), session, parent, clock.Now.UtcDateTime);
        return token;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, params object?[] values)
    {
        await using var command = connection.Command(sql, values);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<T?> ReadAsync<T>(NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, params object?[] values)
        where T : struct
    {
        await using var command = connection.Command(sql, values);
        await using var rows = await command.ExecuteReaderAsync();
        return await rows.ReadAsync() ? read(rows) : null;
    }
}
