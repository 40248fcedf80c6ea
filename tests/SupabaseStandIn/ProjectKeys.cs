using System.Security.Cryptography;
using System.Text.Json.Nodes;
using SupabaseStandIn.Database;
using SupabaseStandIn.Tokens;

namespace SupabaseStandIn;

/// <summary>
/// Creates the API keys of the project. The keys are stored in the database, so that a restarted test double has the same keys.
/// </summary>
internal static class ProjectKeys
{
    private const long LongAgo = 1_704_067_200;
    private const long NeverExpires = 4_102_444_800;

    public static async Task<StandInKeys> ReadAsync(StandInDatabase database, KeyRing ring, CancellationToken cancellationToken)
    {
        var secret = (await database.ScalarAsync<string>(
            "select material from stand_in.signing_keys where id = $1", [SigningKey.LegacyId], cancellationToken))!;
        return new StandInKeys(
            $"sb_publishable_{await GetOrCreateAsync("publishable")}",
            $"sb_secret_{await GetOrCreateAsync("secret")}",
            await GetOrCreateAsync("anon", () => Legacy("anon")),
            await GetOrCreateAsync("service_role", () => Legacy("service_role")),
            secret);

        async Task<string> GetOrCreateAsync(string name, Func<string>? make = null)
        {
            await database.ExecuteAsync(
                "insert into stand_in.settings (name, value) values ($1, $2) on conflict do nothing",
                [name, make?.Invoke() ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20))],
                cancellationToken);
            return (await database.ScalarAsync<string>("select value from stand_in.settings where name = $1", [name], cancellationToken))!;
        }

        string Legacy(string role) =>
            Token.Write(new JsonObject { ["iss"] = "supabase", ["role"] = role, ["iat"] = LongAgo, ["exp"] = NeverExpires }, ring.Legacy);
    }
}
