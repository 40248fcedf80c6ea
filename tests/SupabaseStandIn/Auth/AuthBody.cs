using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SupabaseStandIn.Gateway;

namespace SupabaseStandIn.Auth;

/// <summary>
/// Reads a JSON request body as Go reads JSON into a struct. Unknown members are ignored, null is treated as a missing member, and a value
/// of a wrong type is an error.
/// </summary>
internal sealed class AuthBody(JsonObject members, string target)
{
    private const int Largest = 1 << 20;

    public static async Task<AuthBody> ReadAsync(ServiceRequest request, string target, bool limited, CancellationToken cancellationToken)
    {
        var bytes = await request.ReadBodyAsync(cancellationToken);
        if (limited && bytes.Length > Largest)
        {
            throw new AuthException(413, "request_entity_too_large", "Request body too large");
        }

        // The web framework of Auth parses a form body before it parses JSON.
        var isForm = request.Context.Request.ContentType?.StartsWith(
            "application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true;
        return Parse(isForm ? string.Empty : Encoding.UTF8.GetString(bytes), target);
    }

    public JsonObject? Object(string name) => members[name] switch
    {
        null => null,
        JsonObject value => value,
        var value => throw Bad(GoJson.WrongMember(value, target, name, "map[string]interface {}")),
    };

    public string? Text(string name) => members[name] switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out string? text) => text,
        var value => throw Bad(GoJson.WrongMember(value, target, name, "string")),
    };

    private static AuthBody Parse(string text, string target)
    {
        try
        {
            return JsonNode.Parse(text) switch
            {
                null => new AuthBody([], target),
                JsonObject members => new AuthBody(members, target),
                var other => throw Bad($"json: cannot unmarshal {GoJson.Kind(other)} into Go value of type api.{target}"),
            };
        }
        catch (JsonException exception)
        {
            throw Bad(GoJson.Explain(text, exception));
        }
    }

    private static AuthException Bad(string why) => new(400, "bad_json", $"Could not parse request body as JSON: {why}");
}
