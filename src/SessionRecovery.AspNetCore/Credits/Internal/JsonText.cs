using System.Text.Json;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Checks whether bytes are a complete JSON document. If a JSON serializer is canceled, the document that it has written is incomplete.
/// </summary>
internal static class JsonText
{
    public static bool IsJson(string? contentType) => contentType?.Contains("json", StringComparison.OrdinalIgnoreCase) == true;

    public static bool IsComplete(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return false;
        }

        var reader = new Utf8JsonReader(text);
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
