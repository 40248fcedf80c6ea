using System.Text.Json;
using System.Text.Json.Serialization;

namespace SessionRecovery.Sqlite.Credits.Internal;

/// <summary>Serializes the headers of a stored response as a JSON object.</summary>
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class StoredHeaders : JsonSerializerContext
{
    public static string? Serialize(IReadOnlyDictionary<string, string>? headers) =>
        headers is { Count: > 0 } ? JsonSerializer.Serialize(new(headers), Default.DictionaryStringString) : null;

    public static Dictionary<string, string> Deserialize(string? json) =>
        json is null ? [] : JsonSerializer.Deserialize(json, Default.DictionaryStringString)!;
}
