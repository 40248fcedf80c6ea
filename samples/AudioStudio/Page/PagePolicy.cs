using AudioStudio.Settings;
using Microsoft.AspNetCore.StaticFiles;

namespace AudioStudio.Page;

/// <summary>The content security policy of the page. The page may connect to this server and to its Supabase project.</summary>
internal sealed class PagePolicy(SupabaseProject? project)
{
    private readonly string _contentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; " +
        $"connect-src 'self'{(project is null ? string.Empty : $" {project.Url}")}; base-uri 'none'; form-action 'self'; "
            + "frame-ancestors 'none'";

    /// <summary>
    /// Adds the security headers to a file of the page. The header <c>Cache-Control</c> makes the browser revalidate each file at every
    /// visit, so that a new version of the page is visible at once. The response for an unchanged file is 304.
    /// </summary>
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
