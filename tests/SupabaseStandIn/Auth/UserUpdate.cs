using System.Text.Json.Nodes;
using Npgsql;
using SupabaseStandIn.Database;

namespace SupabaseStandIn.Auth;

/// <summary>
/// Updates the metadata or the password of a user. New metadata is merged with the existing metadata, and a new password ends all other
/// sessions.
/// </summary>
internal sealed class UserUpdate(StandInClock clock, AuthOptions settings)
{
    public async Task ApplyAsync(
        NpgsqlConnection connection, AuthUser user, AuthSession? session, AuthBody body, CancellationToken cancellationToken)
    {
        if (body.Object("app_metadata") is not null)
        {
            throw new AuthException(403, "not_admin", "Updating app_metadata requires admin privileges");
        }

        if (body.Text("email") is not null || body.Text("phone") is not null)
        {
            throw new NotSupportedException("a change of address");
        }

        var merged = (JsonObject)user.UserMetadata.DeepClone();
        foreach (var (name, value) in body.Object("data") ?? [])
        {
            merged[name] = value?.DeepClone();
            if (value is null)
            {
                merged.Remove(name);
            }
        }

        var hash = user.PasswordHash;
        var password = body.Text("password");
        if (password is not null)
        {
            new SignUp(clock, settings).CheckStrength(password);
            hash = Passwords.Verify(password, hash)
                ? throw new AuthException(422, "same_password", "New password should be different from the old password.")
                : Passwords.Hash(password);
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var update = connection.Command(
            "update auth.users set raw_user_meta_data = $2::jsonb, encrypted_password = $3::text, updated_at = $4 where id = $1", user.Id,
                merged.ToJsonString(), hash, clock.Now);
        await update.ExecuteNonQueryAsync(cancellationToken);
        if (password is not null)
        {
            await using var end =
                connection.Command("delete from auth.sessions where user_id = $1 and id is distinct from $2::uuid", user.Id, session?.Id);
            await end.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }
}
