using Microsoft.AspNetCore.Http;

namespace SessionRecovery.AspNetCore.Browser.Internal;

/// <summary>The response for an unknown part of the module. Pages of any origin may read it, and nothing caches it.</summary>
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
