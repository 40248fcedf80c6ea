using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using SessionRecovery.Files;

namespace SessionRecovery.AspNetCore.Files.Internal;

/// <summary>Creates the response headers with which a browser displays a file but does not run it as script.</summary>
internal static class FileHeaders
{
    // An empty sandbox directive would give the document an opaque origin, from which a browser's media player may not load the file.
    private const string MediaPolicy =
        "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'; sandbox allow-same-origin";

    // The policy for PDF documents has no sandbox directive, because some browsers do not display a PDF document in a sandbox. Scripts in a
    // PDF document run in the PDF viewer and not in the host's origin.
    private const string DocumentPolicy = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'";

    private const string OtherPolicy = "default-src 'none'; sandbox";

    // The characters that need no escape in a header parameter (attr-char in RFC 8187).
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

    /// <summary>
    /// Returns a Content-Disposition value with the user's file name, as RFC 6266 encodes it. The value contains the name in ASCII for old
    /// clients, and in UTF-8.
    /// </summary>
    private static string GetDisposition(StoredFile file)
    {
        var name = file.DisplayName.Length > 0 ? file.DisplayName : file.Name;
        var ascii = name.All(char.IsAscii) ? name : file.Name;
        return $"inline; filename=\"{ToQuotable(ascii)}\"; filename*=UTF-8''{Escape(name)}";
    }

    // Replaces backslashes, quotes and percent signs in a file name, because HTTP clients interpret these characters differently.
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
