using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace SessionRecovery.AspNetCore.Browser.Internal;

/// <summary>One file of the browser module. Each encoding is created at its first request and cached in memory.</summary>
internal sealed class ModuleFile(byte[] content, string contentType, string cacheControl)
{
    private readonly ModuleEncoding _identity = new("identity", string.Empty, content);
    private readonly Lazy<ModuleEncoding> _brotli = new(() => new ModuleEncoding("br", "-br", Compress(content, static (output, level) => new BrotliStream(output, level))));
    private readonly Lazy<ModuleEncoding> _gzip = new(() => new ModuleEncoding("gzip", "-gzip", Compress(content, static (output, level) => new GZipStream(output, level))));
    private readonly string _hash = Convert.ToHexStringLower(SHA256.HashData(content))[..32];

    public Task WriteAsync(HttpContext context)
    {
        var encoding = ChooseEncoding(context.Request.Headers.AcceptEncoding);
        var headers = context.Response.Headers;
        headers.CacheControl = cacheControl;
        headers.XContentTypeOptions = "nosniff";
        if (encoding != _identity)
        {
            headers.ContentEncoding = encoding.Name;
        }

        // The file is the same for all users, so pages of any origin may import it. No other endpoint allows that.
        // A CORS policy of the host replaces "*" with the origin that it allows, so the response varies by origin.
        headers.Append(HeaderNames.Vary, "Accept-Encoding, Origin");
        headers.AccessControlAllowOrigin = "*";
        headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        var entityTag = new EntityTagHeaderValue($"\"{_hash}{encoding.EntityTagSuffix}\"");
        return TypedResults.Bytes(encoding.Content, contentType, entityTag: entityTag).ExecuteAsync(context);
    }

    private static byte[] Compress(byte[] content, Func<Stream, CompressionLevel, Stream> create)
    {
        using var output = new MemoryStream();
        using (var compressor = create(output, CompressionLevel.SmallestSize))
        {
            compressor.Write(content);
        }

        return output.ToArray();
    }

    // Brotli is the smallest, so it wins among encodings that the client accepts with the same quality.
    private ModuleEncoding ChooseEncoding(StringValues acceptEncoding)
    {
        if (!StringWithQualityHeaderValue.TryParseList(acceptEncoding, out var accepted))
        {
            return _identity;
        }

        var brotli = GetQuality(accepted, "br");
        var gzip = GetQuality(accepted, "gzip");
        return brotli > 0 && brotli >= gzip ? _brotli.Value
            : gzip > 0 ? _gzip.Value
            : _identity;
    }

    private static double GetQuality(IList<StringWithQualityHeaderValue> accepted, string encoding)
    {
        var match = accepted.FirstOrDefault(value => value.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase))
            ?? accepted.FirstOrDefault(static value => value.Value == "*");
        return match is null ? 0 : match.Quality ?? 1;
    }
}
