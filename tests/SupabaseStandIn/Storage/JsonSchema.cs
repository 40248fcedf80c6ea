using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SupabaseStandIn.Storage;

/// <summary>
/// Reads members of a JSON body like the schema validation of Storage's web framework. The framework converts scalars to the declared type
/// where that is possible.
/// </summary>
internal static class JsonSchema
{
    /// <summary>Returns a text member, or null if it is missing.</summary>
    /// <exception cref="StorageError">The value is an object or an array.</exception>
    public static string? Text(JsonObject body, string name, string path = "body") =>
        body.TryGetPropertyValue(name, out var value) ? Text(value, $"{path}/{name}") : null;

    /// <summary>Returns an integer member, or null if it is missing.</summary>
    /// <exception cref="StorageError">The value is not an integer, or is below the minimum.</exception>
    public static int? Integer(JsonObject body, string name, int minimum)
    {
        if (!body.TryGetPropertyValue(name, out var value))
        {
            return null;
        }

        var isInteger = int.TryParse(Scalar(value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number);
        if (!isInteger)
        {
            throw StorageError.Request($"body/{name} must be integer");
        }

        return number >= minimum ? number : throw StorageError.Request($"body/{name} must be >= {minimum}");
    }

    /// <summary>Returns a member with one of several values, or null if it is missing.</summary>
    /// <exception cref="StorageError">The value is another one.</exception>
    public static string? OneOf(JsonObject body, string name, string path, params ReadOnlySpan<string> values) =>
        Text(body, name, path) is not { } text || values.Contains(text)
            ? Text(body, name, path)
            : throw StorageError.Request($"{path}/{name} must be equal to one of the allowed values");

    /// <summary>Returns a member that is an object, or null if it is missing.</summary>
    /// <exception cref="StorageError">The value is not an object, or lacks the required member.</exception>
    public static JsonObject? Object(JsonObject body, string name, string required)
    {
        if (!body.TryGetPropertyValue(name, out var value))
        {
            return null;
        }

        var member = value as JsonObject ?? throw StorageError.Request($"body/{name} must be object");
        return member.ContainsKey(required)
            ? member
            : throw StorageError.Request($"body/{name} must have required property '{required}'");
    }

    /// <summary>Returns a required array of texts with at least one element.</summary>
    /// <exception cref="StorageError">The member is missing or empty, or contains an object or an array.</exception>
    public static string[] Texts(JsonObject body, string name)
    {
        if (!body.TryGetPropertyValue(name, out var value))
        {
            throw StorageError.Request($"body must have required property '{name}'");
        }

        var elements = value switch
        {
            JsonArray array => [.. array],
            JsonObject => throw StorageError.Request($"body/{name} must be array"),
            _ => (JsonNode?[])[value],
        };
        return elements.Length > 0
            ? [.. elements.Select((element, index) => Text(element, $"body/{name}/{index}"))]
            : throw StorageError.Request($"body/{name} must NOT have fewer than 1 items");
    }

    private static string Text(JsonNode? value, string path) =>
        value is JsonObject or JsonArray ? throw StorageError.Request($"{path} must be string") : Scalar(value);

    private static string Scalar(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => string.Empty,
        JsonValueKind.String => value.GetValue<string>(),
        _ => value.ToJsonString(),
    };
}
