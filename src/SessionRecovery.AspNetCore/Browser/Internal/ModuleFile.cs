using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace SessionRecovery.AspNetCore.Browser.Internal;

/// <summary>
/// Serves one file of the browser module. Each encoding of the file is created at its first request and cached in memory.
/// </summary>
internal sealed class ModuleFile(byte[] content, string contentType, string cacheControl) : IResult
{
    // The level SmallestSize would make the file about 10 % smaller, but would need more than ten times the CPU time when a page loads
    // after a restart.
    private const CompressionLevel Level = CompressionLevel.Optimal;

    private readonly ModuleEncoding _plain = new(name: null, content);

    private readonly Lazy<ModuleEncoding> _brotli =
        new(() => ModuleEncoding.Compress("br", content, static output => new BrotliStream(output, Level)));

    private readonly Lazy<ModuleEncoding> _gzip =
        new(() => ModuleEncoding.Compress("gzip", content, static output => new GZipStream(output, Level)));

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var encoding = ChooseEncoding(httpContext.Request.Headers.AcceptEncoding);
        var headers = httpContext.Response.Headers;
        headers.CacheControl = cacheControl;
        headers.XContentTypeOptions = "nosniff";
        headers.ContentEncoding = encoding.Name;

        // The file is the same for all users, so pages of any origin may import it. No other endpoint of SessionRecovery allows all
        // origins. A CORS policy of the host may replace the value "*" with the origin that it allows, so the response contains "Vary:
        // Origin".
        headers.Append(HeaderNames.Vary, "Accept-Encoding, Origin");
        headers.AccessControlAllowOrigin = "*";
        headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        return TypedResults.Bytes(encoding.Content, contentType, entityTag: encoding.EntityTag).ExecuteAsync(httpContext);
    }

    // Brotli compresses better than gzip, so Brotli is chosen if the client accepts both encodings with the same quality.
    private ModuleEncoding ChooseEncoding(StringValues acceptEncoding)
    {
        if (!StringWithQualityHeaderValue.TryParseList(acceptEncoding, out var accepted))
        {
            return _plain;
        }

        var brotli = GetQuality(accepted, "br");
        var gzip = GetQuality(accepted, "gzip");
        return brotli > 0 && brotli >= gzip ? _brotli.Value
            : gzip > 0 ? _gzip.Value
            : _plain;
    }

    private static double GetQuality(IList<StringWithQualityHeaderValue> accepted, string encoding)
    {
        var match = accepted.FirstOrDefault(value => value.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase))
            ?? accepted.FirstOrDefault(static value => value.Value == "*");
        return match is null ? 0 : match.Quality ?? 1;
    }
}
