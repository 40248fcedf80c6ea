using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Npgsql;
using SupabaseStandIn.Database;

namespace SupabaseStandIn.Auth;

/// <summary>Accounts with a password.</summary>
internal sealed class UserTable(StandInDatabase database, StandInClock clock)
{
    private const int Iterations = 20_000;
    private const string Columns = "id, email, encrypted_password, email_confirmed_at, last_sign_in_at, coalesce(raw_user_meta_data, '{}')::text, created_at, updated_at, banned_until";

    /// <summary>Makes an account; <see langword="null"/> when there is one.</summary>
    public async Task<UserRow?> CreateAsync(string email, string password, JsonObject? data, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid();
        var metadata = data is null ? [] : (JsonObject)data.DeepClone();
        metadata["sub"] = id.ToString();
        metadata["email"] = email;
        metadata["email_verified"] = true;
        metadata["phone_verified"] = false;
        try
        {
            await using var command = database.Auth.CreateCommand(
                """
                insert into auth.users (id, aud, role, email, encrypted_password, email_confirmed_at, last_sign_in_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
                values ($1, 'authenticated', 'authenticated', $2, $3, $4, $4, '{"provider":"email","providers":["email"]}', $5::jsonb, $4, $4)
                """).With(id, email, Hash(password), clock.Now.UtcDateTime, metadata.ToJsonString());
            await command.ExecuteNonQueryAsync(cancellationToken);
            return await FindAsync(id, cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return null;
        }
    }

    public Task<UserRow?> FindAsync(Guid id, CancellationToken cancellationToken) => FindAsync("id = $1", id, cancellationToken);

    public Task<UserRow?> FindAsync(string email, CancellationToken cancellationToken) => FindAsync("lower(email) = lower($1)", email, cancellationToken);

    public async Task SignedInAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.Auth.CreateCommand("update auth.users set last_sign_in_at = $2, updated_at = $2 where id = $1").With(id, clock.Now.UtcDateTime);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static bool IsPassword(UserRow user, string password)
    {
        var parts = (user.Password ?? string.Empty).Split('.');
        return parts.Length == 2
            && CryptographicOperations.FixedTimeEquals(Convert.FromHexString(parts[1]), Derive(password, Convert.FromHexString(parts[0])));
    }

    private static string Hash(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        return $"{Convert.ToHexString(salt)}.{Convert.ToHexString(Derive(password, salt))}";
    }

    private static byte[] Derive(string password, byte[] salt) => Rfc2898DeriveBytes.Pbkdf2(password, salt, Iterations, HashAlgorithmName.SHA256, 32);

    private async Task<UserRow?> FindAsync(string condition, object value, CancellationToken cancellationToken)
    {
        await using var command = database.Auth.CreateCommand($"select {Columns} from auth.users where {condition}").With(value);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        return await rows.ReadAsync(cancellationToken)
            ? new UserRow(
                rows.GetGuid(0), rows.GetString(1), Text(rows, 2), Time(rows, 3), Time(rows, 4), rows.GetString(5), rows.GetDateTime(6), rows.GetDateTime(7), Time(rows, 8))
            : null;
    }

    private static string? Text(NpgsqlDataReader rows, int column) => rows.IsDBNull(column) ? null : rows.GetString(column);

    private static DateTime? Time(NpgsqlDataReader rows, int column) => rows.IsDBNull(column) ? null : rows.GetDateTime(column);
}
