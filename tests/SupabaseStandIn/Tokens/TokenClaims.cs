using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SupabaseStandIn.Tokens;

internal static class TokenClaims
{
    public static string? Text(this JsonObject claims, string name) =>
        claims[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    /// <summary>
    /// Reads a time in seconds from a claim. Returns false if the claim is not a number. If the claim is missing, the value is null.
    /// </summary>
    public static bool TrySeconds(this JsonObject claims, string name, out double? seconds)
    {
        seconds = null;
        if (claims[name] is not { } node)
        {
            return true;
        }

        if (node.GetValueKind() != JsonValueKind.Number)
        {
            return false;
        }

        seconds = double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture);
        return true;
    }
}
