using System.Text.Json;
using System.Text.Json.Nodes;

namespace SupabaseStandIn.Auth;

/// <summary>Creates the error messages that Go's JSON package returns for invalid JSON.</summary>
internal static class GoJson
{
    public static string Kind(JsonNode node) => node.GetValueKind() switch
    {
        JsonValueKind.Array => "array",
        JsonValueKind.Object => "object",
        JsonValueKind.Number => "number",
        JsonValueKind.String => "string",
        _ => "bool",
    };

    public static string WrongMember(JsonNode value, string target, string name, string type) =>
        $"json: cannot unmarshal {Kind(value)} into Go struct field {target}.{name} of type {type}";

    public static string Explain(string text, JsonException exception)
    {
        var at = (int)(exception.BytePositionInLine ?? 0);
        if (text.Length == 0 || at >= text.TrimEnd().Length)
        {
            return "unexpected end of JSON input";
        }

        return exception.Message.Contains("after a single JSON value", StringComparison.Ordinal)
            ? $"invalid character '{text[at]}' after top-level value"
            : $"invalid character '{text[at]}' looking for beginning of value";
    }
}
