using AudioStudio.Settings;
using Microsoft.AspNetCore.StaticFiles;

namespace AudioStudio.Page;

/// <summary>What the page may load and whom it may ask: this server, and the project that it signs in at.</summary>
internal sealed class PagePolicy(SupabaseProject? project)
{
    private readonly string _contentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; " +
        $"connect-src 'self'{(project is null ? string.Empty : $" {project.Url}")}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>Asked again at every visit, so that a deploy is seen at once; answered by 304 as long as nothing changed.</summary>
    public void Harden(StaticFileResponseContext file)
    {
        var headers = file.Context.Response.Headers;
        headers.CacheControl = "no-cache";
        headers.ContentSecurityPolicy = _contentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
    }
}
