using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace SessionRecovery.AspNetCore.Browser.Internal;

/// <summary>The browser module, an embedded resource: it needs no static-asset set-up and works unpublished in Production.</summary>
internal sealed class BrowserModule
{
    private readonly byte[] _content;
    private readonly string _contentType;
    private readonly EntityTagHeaderValue _entityTag;

    private BrowserModule(string resource, string contentType)
    {
        using var stream = typeof(BrowserModule).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The package lacks its resource '{resource}'.");
        _content = new byte[stream.Length];
        stream.ReadExactly(_content);
        _contentType = contentType;
        _entityTag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(_content))[..32]}\"");
    }

    public static BrowserModule JavaScript { get; } = new("session-recovery.js", "text/javascript; charset=utf-8");

    public static BrowserModule Types { get; } = new("session-recovery.d.ts", "text/plain; charset=utf-8");

    public Task HandleAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = "public, no-cache";
        headers.XContentTypeOptions = "nosniff";

        // The same bytes for everyone, so any origin may import them; nothing else of ours says so.
        headers.AccessControlAllowOrigin = "*";
        headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        return TypedResults.Bytes(_content, _contentType, entityTag: _entityTag).ExecuteAsync(context);
    }
}
