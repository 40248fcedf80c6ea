using Microsoft.AspNetCore.Http;

namespace SessionRecovery.AspNetCore.Browser.Internal;

/// <summary>
/// Represents the response to a request for an unknown file of the browser module. Pages of any origin may read the response, and caches do
/// not store it.
/// </summary>
internal sealed class ModulePartNotFound : IResult
{
    public static ModulePartNotFound Instance { get; } = new();

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status404NotFound;
        httpContext.Response.Headers.CacheControl = "no-store";
        httpContext.Response.Headers.AccessControlAllowOrigin = "*";
        return Task.CompletedTask;
    }
}
