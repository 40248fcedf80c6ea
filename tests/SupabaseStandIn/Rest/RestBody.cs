using System.Text;
using System.Text.Json;
using SupabaseStandIn.Gateway;

namespace SupabaseStandIn.Rest;

/// <summary>
/// Represents a JSON request body. The record contains the text, which the database parses, and the properties that determine the SQL
/// statement.
/// </summary>
/// <param name="Json">The unchanged JSON text.</param>
/// <param name="Keys">The members of the object, or of every object in the array, in alphabetical order as in PostgREST.</param>
/// <param name="IsArray"><see langword="true"/> if the body is an array.</param>
/// <param name="IsEmpty">
/// <see langword="true"/> if there is nothing to write, because the body is an empty array or contains no object.
/// </param>
internal sealed record RestBody(string Json, IReadOnlyList<string> Keys, bool IsArray, bool IsEmpty)
{
    public static async Task<RestBody> ReadAsync(ServiceRequest request, bool isCall, bool keysMayDiffer)
    {
        var bytes = await request.ReadBodyAsync();
        var type = request.Context.Request.ContentType?.Split(';')[0].Trim().ToLowerInvariant();
        if (type is not (null or "" or "application/json"))
        {
            throw type is "text/csv" or "application/x-www-form-urlencoded" ? new NotSupportedException($"a body of {type}")
                : Bad($"Content-Type not acceptable: {type}");
        }

        if (bytes.Length == 0 && isCall)
        {
            return new RestBody("{}", [], IsArray: false, IsEmpty: false);
        }

        try
        {
            var text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes);
            using var document = JsonDocument.Parse(text);
            return Read(document.RootElement, text, isCall, keysMayDiffer);
        }
        catch (Exception exception) when (exception is JsonException or DecoderFallbackException)
        {
            throw Bad("Empty or invalid json");
        }
    }

    private static RestException Bad(string message) => new(400, "PGRST102", message);

    private static RestBody Read(JsonElement root, string text, bool isCall, bool keysMayDiffer)
    {
        if (root.ValueKind == JsonValueKind.Array)
        {
            var rows = root.EnumerateArray().ToList();
            if (isCall)
            {
                return rows is [{ ValueKind: JsonValueKind.Object } first, ..]
                    ? new RestBody(first.GetRawText(), GetKeys(first), IsArray: false, IsEmpty: false)
                    : new RestBody("{}", [], IsArray: false, IsEmpty: false);
            }

            if (rows.Count == 0)
            {
                return new RestBody("[]", [], IsArray: true, IsEmpty: true);
            }

            var keys = rows[0].ValueKind == JsonValueKind.Object ? GetKeys(rows[0]) : throw Bad("All object keys must match");
            return keysMayDiffer || rows.All(row => row.ValueKind == JsonValueKind.Object && GetKeys(row).SequenceEqual(keys))
                ? new RestBody(text, keys, IsArray: true, IsEmpty: false)
                : throw Bad("All object keys must match");
        }

        return root.ValueKind == JsonValueKind.Object ? new RestBody(text, GetKeys(root), IsArray: false, IsEmpty: false)
            : isCall ? new RestBody("{}", [], IsArray: false, IsEmpty: false)
            : new RestBody("[]", [], IsArray: true, IsEmpty: true);
    }

    private static List<string> GetKeys(JsonElement row) =>
        [.. row.EnumerateObject().Select(member => member.Name).Distinct().Order(StringComparer.Ordinal)];
}
