using System.Text.Json.Nodes;
using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Gateway;

/// <summary>Which application asks, and as whom it goes on when no user does.</summary>
internal sealed class KeyCheck(StandInKeys keys, KeyRing ring)
{
    private const long NeverExpires = 4_102_444_800;

    /// <summary>The sentence of a refusal, or null; <paramref name="authorization"/> is what goes upstream.</summary>
    public string? Check(HttpContext context, bool keyRequired, out string? authorization)
    {
        authorization = context.Request.Headers.Authorization is [{ } sent, ..] ? sent : null;
        var fromHeader = context.Request.Headers["apikey"] is [{ } header, ..] ? header : null;
        var key = fromHeader ?? ServiceRequest.ReadParameters(ServiceRequest.Split(context).Query)
            .Where(parameter => parameter.Key == "apikey").Select(parameter => parameter.Value).FirstOrDefault();
        if (keyRequired)
        {
            if (string.IsNullOrEmpty(key))
            {
                return "No API key found in request";
            }

            if (!IsKnown(key))
            {
                return "Invalid API key";
            }
        }

        if (authorization?.StartsWith("Bearer sb_", StringComparison.Ordinal) == true)
        {
            if (authorization["Bearer ".Length..] != key)
            {
                return "Invalid API key";
            }

            authorization = null;
        }

        authorization ??= Role(key) is { } legacy ? $"Bearer {legacy}" : null;
        return null;
    }

    private bool IsKnown(string key) => Role(key) is not null;

    /// <summary>The JWT that stands for the key upstream. A legacy key dies with the secret that signed it.</summary>
    private string? Role(string? key)
    {
        if (key == keys.Publishable || key == keys.Secret)
        {
            // Signed with the key of the day: keys of the new kind outlive every signing key.
            return Token.Write(new JsonObject { ["iss"] = "supabase", ["role"] = key == keys.Secret
                ? "service_role"
                : "anon", ["exp"] = NeverExpires }, ring.Current);
        }

        return (key == keys.Anon || key == keys.ServiceRole) && ring.Legacy.State != KeyState.Revoked ? key : null;
    }
}
