using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace SessionRecovery.AspNetCore.Browser.Internal;

/// <summary>One file of the browser module. Each encoding is created at its first request and cached in memory.</summary>
internal sealed class ModuleFile(byte[] content, string contentType, string cacheControl) : IResult
{
    // SmallestSize saves another tenth, but costs a restarted server more than ten times the CPU time at the first page load.
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

        // The file is the same for all users, so pages of any origin may import it. No other endpoint allows that.
        // A CORS policy of the host replaces "*" with the origin that it allows, so the response varies by origin.
        headers.Append(HeaderNames.Vary, "Accept-Encoding, Origin");
        headers.AccessControlAllowOrigin = "*";
        headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        return TypedResults.Bytes(encoding.Content, contentType, entityTag: encoding.EntityTag).ExecuteAsync(httpContext);
    }

    // Brotli is smaller, so it is chosen when the client accepts both with the same quality.
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
