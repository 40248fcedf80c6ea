using System.Globalization;
using System.Text.Json;

namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>
/// The codes in an error body of any service. Auth has two forms (<c>code</c> as a text, or as a number beside <c>error_code</c>) and an
/// OAuth form (<c>error</c>); PostgREST has <c>code</c>; Storage has <c>statusCode</c> as a text, and in newer releases <c>code</c>.
/// Messages are not parsed, because their wording changes between releases.
/// </summary>
/// <param name="Code">The stable code, or <see langword="null"/> for a response without a code, for example of the gateway.</param>
/// <param name="StatusCode">Storage's own status, which differs from its HTTP status.</param>
internal readonly record struct SupabaseError(string? Code, int? StatusCode)
{
    private const int MaxCodeLength = 64;

    public static SupabaseError Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object
                ? new SupabaseError(Text(root, "error_code") ?? Text(root, "code") ?? OAuth(root), Status(root))
                : default;
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static string? Text(JsonElement root, string member) =>
        root.TryGetProperty(member, out var value)
            && value.ValueKind == JsonValueKind.String
            && value.GetString() is { Length: > 0 and <= MaxCodeLength } text
        && !text.AsSpan().ContainsAnyExceptInRange('0', 'z')
            ? text
            : null;

    private static string? OAuth(JsonElement root) => root.TryGetProperty("error_description", out _) ? Text(root, "error") : null;

    private static int? Status(JsonElement root) =>
        Text(root, "statusCode") is { } text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            ? status
            : null;
}
