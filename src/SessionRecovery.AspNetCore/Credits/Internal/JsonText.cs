using System.Text.Json;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>Recognizes a complete JSON document. A serializer that was canceled leaves an incomplete one.</summary>
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
