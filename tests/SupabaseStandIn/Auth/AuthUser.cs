using System.Globalization;
using System.Text.Json.Nodes;
using Npgsql;
using SupabaseStandIn.Database;

namespace SupabaseStandIn.Auth;

/// <summary>Represents a row of <c>auth.users</c> with the identities of the user.</summary>
internal sealed class AuthUser
{
    private const string Columns =
        """
        select id, coalesce(email, ''), coalesce(phone, ''), encrypted_password, email_confirmed_at, confirmation_sent_at, last_sign_in_at,
            coalesce(raw_app_meta_data, '{}')::text, coalesce(raw_user_meta_data, '{}')::text, created_at, updated_at, banned_until,
                deleted_at, is_anonymous,
            (select coalesce(json_agg(json_build_object('identity_id', i.id, 'id', i.user_id, 'user_id', i.user_id, 'identity_data',
                i.identity_data, 'provider', i.provider,
                'last_sign_in_at', to_char(i.last_sign_in_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                'created_at', to_char(i.created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                'updated_at', to_char(i.updated_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                'email', i.identity_data ->> 'email') order by i.created_at), '[]')::text from auth.identities i where i.user_id = u.id),
            coalesce(role, '')
        from auth.users u
        """;

    public required Guid Id { get; init; }

    public required string Email { get; init; }

    public required string Phone { get; init; }

    public required string? PasswordHash { get; init; }

    public required DateTimeOffset? EmailConfirmedAt { get; init; }

    public required DateTimeOffset? ConfirmationSentAt { get; init; }

    public DateTimeOffset? LastSignInAt { get; set; }

    public required JsonNode AppMetadata { get; init; }

    public required JsonNode UserMetadata { get; init; }

    public required DateTimeOffset? CreatedAt { get; init; }

    public required DateTimeOffset? UpdatedAt { get; init; }

    public required DateTimeOffset? BannedUntil { get; init; }

    public required DateTimeOffset? DeletedAt { get; init; }

    public required bool IsAnonymous { get; init; }

    public required JsonNode Identities { get; init; }

    public required string Role { get; init; }

    public static Task<AuthUser?> FindAsync(NpgsqlConnection connection, Guid id, CancellationToken cancellationToken) =>
        ReadAsync(connection.Command($"{Columns} where id = $1", id), cancellationToken);

    public static Task<AuthUser?> FindByEmailAsync(NpgsqlConnection connection, string email, CancellationToken cancellationToken) =>
        ReadAsync(connection.Command($"{Columns} where email = $1 and not is_sso_user and deleted_at is null", email), cancellationToken);

    public static string Write(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", CultureInfo.InvariantCulture);

    /// <summary>Returns the user as it appears in responses. The response to a sign-up has no member <c>confirmed_at</c>.</summary>
    public JsonObject ToJson(bool justSignedUp = false)
    {
        var user = new JsonObject { ["id"] = Id, ["aud"] = "authenticated", ["role"] = Role, ["email"] = Email };
        Add(user, "email_confirmed_at", EmailConfirmedAt);
        user["phone"] = Phone;
        Add(user, "confirmation_sent_at", ConfirmationSentAt);
        Add(user, "confirmed_at", justSignedUp ? null : EmailConfirmedAt);
        Add(user, "last_sign_in_at", LastSignInAt);
        user["app_metadata"] = AppMetadata.DeepClone();
        user["user_metadata"] = UserMetadata.DeepClone();
        user["identities"] = Identities.DeepClone();
        if (justSignedUp)
        {
            // The response to a sign-up contains the requested value, although <c>email_verified</c> is false in the stored identity.
            foreach (var identity in user["identities"]!.AsArray())
            {
                identity!["identity_data"]!["email_verified"] = UserMetadata["email_verified"]?.DeepClone();
            }
        }

        Add(user, "created_at", CreatedAt);
        Add(user, "updated_at", UpdatedAt);
        Add(user, "banned_until", BannedUntil);
        Add(user, "deleted_at", DeletedAt);
        user["is_anonymous"] = IsAnonymous;
        return user;
    }

    private static void Add(JsonObject user, string name, DateTimeOffset? time)
    {
        if (time is { } value)
        {
            user[name] = Write(value);
        }
    }

    private static async Task<AuthUser?> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var owned = command;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null;
        }

        DateTimeOffset? Time(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
        return new AuthUser
        {
            Id = reader.GetGuid(0),
            Email = reader.GetString(1),
            Phone = reader.GetString(2),
            PasswordHash = reader.IsDBNull(3) ? null : reader.GetString(3),
            EmailConfirmedAt = Time(4),
            ConfirmationSentAt = Time(5),
            LastSignInAt = Time(6),
            AppMetadata = JsonNode.Parse(reader.GetString(7))!,
            UserMetadata = JsonNode.Parse(reader.GetString(8))!,
            CreatedAt = Time(9),
            UpdatedAt = Time(10),
            BannedUntil = Time(11),
            DeletedAt = Time(12),
            IsAnonymous = reader.GetBoolean(13),
            Identities = JsonNode.Parse(reader.GetString(14))!,
            Role = reader.GetString(15),
        };
    }
}
