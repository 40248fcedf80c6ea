using System.Text.Json.Nodes;
using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Gateway;

/// <summary>Checks the API key of a request. If the request has no user token, the key determines the role of the caller.</summary>
internal sealed class KeyCheck(StandInKeys keys, KeyRing ring)
{
    private const long NeverExpires = 4_102_444_800;

    /// <summary>
    /// Returns the error message if the request is rejected, or null. <paramref name="authorization"/> is the Authorization header that the
    /// service receives.
    /// </summary>
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

    /// <summary>
    /// Returns the JWT that the service receives instead of the API key. A legacy key is invalid after its secret was revoked.
    /// </summary>
    private string? Role(string? key)
    {
        if (key == keys.Publishable || key == keys.Secret)
        {
            // The JWT is signed with the current signing key, because the new API keys stay valid when signing keys are rotated.
            return Token.Write(new JsonObject { ["iss"] = "supabase", ["role"] = key == keys.Secret
                ? "service_role"
                : "anon", ["exp"] = NeverExpires }, ring.Current);
        }

        return (key == keys.Anon || key == keys.ServiceRole) && ring.Legacy.State != KeyState.Revoked ? key : null;
    }
}
