using System.Text.Json.Nodes;
using Npgsql;
using SupabaseStandIn.Database;
using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Auth;

/// <summary>Represents a row of <c>auth.sessions</c>, and creates the response members that contain a session.</summary>
internal sealed record AuthSession(
    Guid Id, Guid UserId, DateTimeOffset CreatedAt, DateTimeOffset? RefreshedAt, string Method, string? Key, long? Counter)
{
    public DateTimeOffset LastUsedAt => RefreshedAt ?? CreatedAt;

    public static async Task<AuthSession?> FindAsync(NpgsqlConnection connection, Guid id, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            "select id, user_id, created_at, refreshed_at, method, refresh_token_hmac_key, refresh_token_counter from "
                + "auth.sessions where id = $1", id);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new AuthSession(
                reader.GetGuid(0),
                reader.GetGuid(1),
                reader.GetFieldValue<DateTimeOffset>(2),
                reader.IsDBNull(3) ? null : reader.GetFieldValue<DateTimeOffset>(3),
                reader.GetString(4),
                reader.IsDBNull(5) ? null : reader.GetString(5),
                reader.IsDBNull(6) ? null : reader.GetInt64(6))
            : null;
    }

    /// <summary>Creates a session with its first refresh token.</summary>
    public static async Task<(AuthSession Session, string RefreshToken)> CreateAsync(
        NpgsqlConnection connection, AuthUser user, string method, AuthOptions settings, StandInClock clock,
            CancellationToken cancellationToken)
    {
        var signed = settings.RefreshAlgorithm == 2;
        var session = new AuthSession(Guid.NewGuid(), user.Id, clock.Now, RefreshedAt: null, method, signed
            ? RefreshToken.NewKey()
            : null, signed
            ? 0
            : null);
        await using var insert = connection.Command(
            "insert into auth.sessions (id, user_id, created_at, method, refresh_token_hmac_key, refresh_token_counter) values "
                + "($1, $2, $3, $4, $5::text, $6::bigint)",
            session.Id, session.UserId, session.CreatedAt, session.Method, session.Key, session.Counter);
        await insert.ExecuteNonQueryAsync(cancellationToken);
        user.LastSignInAt = clock.Now;
        await using var seen =
            connection.Command("update auth.users set last_sign_in_at = $2, updated_at = $2 where id = $1", user.Id, clock.Now);
        await seen.ExecuteNonQueryAsync(cancellationToken);
        var token = signed
            ? RefreshToken.Write(session.Id, 0, session.Key!)
            : await AddOpaqueTokenAsync(connection, session, parent: null, clock.Now, cancellationToken);
        return (session, token);
    }

    public static async Task<string> AddOpaqueTokenAsync(
        NpgsqlConnection connection, AuthSession session, string? parent, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var token = RefreshToken.NewOpaque();
        await using var insert = connection.Command(
            "insert into auth.refresh_tokens (token, user_id, session_id, parent, created_at, updated_at) values ($1, $2, $3, "
                + "$4::text, $5, $5)",
            token, session.UserId.ToString(), session.Id, parent, now);
        await insert.ExecuteNonQueryAsync(cancellationToken);
        return token;
    }

    public string AccessToken(AuthUser user, string issuer, AuthOptions settings, SigningKey key, StandInClock clock) => Token.Write(
        new JsonObject
        {
            ["iss"] = issuer,
            ["sub"] = user.Id,
            ["aud"] = "authenticated",
            ["exp"] = clock.Seconds + settings.TokenLifetime,
            ["iat"] = clock.Seconds,
            ["email"] = user.Email,
            ["phone"] = user.Phone,
            ["app_metadata"] = user.AppMetadata.DeepClone(),
            ["user_metadata"] = user.UserMetadata.DeepClone(),
            ["role"] = user.Role,
            ["aal"] = "aal1",
            ["amr"] = new JsonArray(new JsonObject { ["method"] = Method, ["timestamp"] = CreatedAt.ToUnixTimeSeconds() }),
            ["session_id"] = Id,
            ["is_anonymous"] = user.IsAnonymous,
        },
        key);
}
