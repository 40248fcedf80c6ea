using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SessionRecovery.AspNetCore.Http.Internal;

namespace SessionRecovery.AspNetCore.Browser.Internal;

/// <summary>Maps the files of the browser module. All of them are anonymous.</summary>
internal static class BrowserModuleEndpoints
{
    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];

    private static readonly EndpointDescription Entry =
        new("GetBrowserModule", "/session/session-recovery.js", "Browser module", "Gets the entry of the browser module.");

    private static readonly EndpointDescription Types =
        new("GetBrowserModuleTypes", "/session/session-recovery.d.ts", "Browser module", "Gets the type declarations of the browser module.");

    private static readonly EndpointDescription Part =
        new("GetBrowserModulePart", "/session/session-recovery/{hash}/{**part}", "Browser module", "Gets a part of the browser module.");

    public static RouteGroupBuilder Map(IEndpointRouteBuilder endpoints, string prefix)
    {
        var module = BrowserModule.Instance;
        var group = endpoints.MapGroup(prefix);
        group.MapMethods("/session-recovery.js", ReadMethods, module.WriteEntryAsync).Describe(Entry).AllowAnonymous();
        group.MapMethods("/session-recovery.d.ts", ReadMethods, module.WriteTypesAsync).Describe(Types).AllowAnonymous();
        group.MapMethods("/session-recovery/{hash}/{**part}", ReadMethods, module.WritePartAsync).Describe(Part).AllowAnonymous();
        return group;
    }
}
