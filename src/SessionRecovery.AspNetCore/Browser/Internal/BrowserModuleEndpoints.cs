using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SessionRecovery.AspNetCore.Http.Internal;

namespace SessionRecovery.AspNetCore.Browser.Internal;

/// <summary>Maps the endpoints for the files of the browser module. The endpoints of the module allow anonymous requests.</summary>
internal static class BrowserModuleEndpoints
{
    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];

    private static readonly EndpointDescription Entry =
        new("GetBrowserModule", "/session/session-recovery.js", "Browser module", "Gets the entry of the browser module.")
        {
            Statuses = [StatusCodes.Status200OK, StatusCodes.Status304NotModified],
        };

    private static readonly EndpointDescription Types =
        new(
            "GetBrowserModuleTypes",
            "/session/session-recovery.d.ts",
            "Browser module",
            "Gets the type declarations of the browser module.")
        {
            Statuses = [StatusCodes.Status200OK, StatusCodes.Status304NotModified],
        };

    private static readonly EndpointDescription Part =
        new("GetBrowserModulePart", "/session/session-recovery/{hash}/{**part}", "Browser module", "Gets a part of the browser module.")
        {
            Statuses = [StatusCodes.Status200OK, StatusCodes.Status304NotModified, StatusCodes.Status404NotFound],
        };

    public static RouteGroupBuilder Map(IEndpointRouteBuilder endpoints, string prefix)
    {
        var group = endpoints.MapGroup(prefix);
        group.MapMethods("/session-recovery.js", ReadMethods, static () => BrowserModule.Instance.Entry).Describe(Entry).AllowAnonymous();
        group.MapMethods("/session-recovery.d.ts", ReadMethods, static () => BrowserModule.Instance.Types).Describe(Types).AllowAnonymous();
        group.MapMethods("/session-recovery/{hash}/{**part}", ReadMethods, static (string hash, string? part) =>
            BrowserModule.Instance.FindPart(hash, part))
            .Describe(Part)
            .AllowAnonymous();
        return group;
    }
}
