using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using SessionRecovery.Files;

namespace SessionRecovery.AspNetCore.Files.Internal;

/// <summary>The headers under which a browser shows a file and does not run it.</summary>
internal static class FileHeaders
{
    // A bare sandbox gives the document an origin of its own, and the player of a browser may then not load its file.
    private const string MediaPolicy =
        "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'; sandbox allow-same-origin";

    // Without a sandbox, in which some browsers show no PDF document. Its scripts run in the viewer and not in the host's origin.
    private const string DocumentPolicy = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'";

    private const string OtherPolicy = "default-src 'none'; sandbox";

    // The characters of a header value that need no escape (RFC 8187, attr-char).
    private const string Unescaped = "!#$&+-.^_`|~";

    public static void Write(IHeaderDictionary headers, StoredFile file)
    {
        headers.CacheControl = "private, no-cache";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = GetPolicy(file.ContentType);
        headers.ContentDisposition = GetDisposition(file);
    }

    private static string GetPolicy(string contentType) => contentType switch
    {
        "application/pdf" => DocumentPolicy,
        _ when contentType.StartsWith("audio/", StringComparison.Ordinal) => MediaPolicy,
        _ when contentType.StartsWith("video/", StringComparison.Ordinal) => MediaPolicy,
        _ when contentType.StartsWith("image/", StringComparison.Ordinal) && !contentType.Contains('+', StringComparison.Ordinal) =>
            MediaPolicy,
        _ => OtherPolicy,
    };

    /// <summary>Returns the user's own name as RFC 6266 encodes it: in ASCII for old clients, and in UTF-8.</summary>
    private static string GetDisposition(StoredFile file)
    {
        var name = file.DisplayName.Length > 0 ? file.DisplayName : file.Name;
        var ascii = name.All(char.IsAscii) ? name : file.Name;
        return $"inline; filename=\"{ToQuotable(ascii)}\"; filename*=UTF-8''{Escape(name)}";
    }

    // Backslash, quote and percent are read differently by different clients.
    private static string ToQuotable(string name) => string.Create(name.Length, name, static (target, source) =>
    {
        for (var index = 0; index < source.Length; index++)
        {
            target[index] = source[index] is >= ' ' and <= '~' and not ('"' or '\\' or '%') ? source[index] : '_';
        }
    });

    private static string Escape(string name)
    {
        var escaped = new StringBuilder();
        foreach (var value in Encoding.UTF8.GetBytes(name))
        {
            if (char.IsAsciiLetterOrDigit((char)value) || Unescaped.Contains((char)value, StringComparison.Ordinal))
            {
                escaped.Append((char)value);
            }
            else
            {
                escaped.Append(CultureInfo.InvariantCulture, $"%{value:X2}");
            }
        }

        return escaped.ToString();
    }
}
