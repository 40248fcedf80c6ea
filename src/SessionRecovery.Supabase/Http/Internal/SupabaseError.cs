using System.Globalization;
using System.Text.Json;

namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>
/// Represents the error codes in the body of a failed response. Each Supabase service has its own format. Auth sends a text in <c>code</c>,
/// or a number in <c>code</c> and a text in <c>error_code</c>, or the OAuth member <c>error</c>. PostgREST sends <c>code</c>. Storage sends
/// <c>statusCode</c> as a text, and newer releases also send <c>code</c>. Messages are not parsed, because their wording changes between
/// releases.
/// </summary>
/// <param name="Code">
/// The error code, or <see langword="null"/> if the response has no error code, for example a response of the API gateway.
/// </param>
/// <param name="StatusCode">The status in the body of a response of Storage, which can differ from the HTTP status.</param>
/// <param name="IsOfDatabase">
/// Whether the body has the members <c>details</c> and <c>hint</c>. An error of PostgREST has these members, and an error of a gateway does
/// not.
/// </param>
internal readonly record struct SupabaseError(string? Code, int? StatusCode, bool IsOfDatabase)
{
    private const int MaxCodeLength = 64;

    public static SupabaseError Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object
                ? new SupabaseError(
                    Text(root, "error_code") ?? Text(root, "code") ?? OAuth(root),
                    Status(root),
                    root.TryGetProperty("details", out _) && root.TryGetProperty("hint", out _))
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
