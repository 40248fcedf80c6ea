using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SessionRecovery.AspNetCore.Http.Internal;

namespace SessionRecovery.AspNetCore.Browser.Internal;

/// <summary>Maps the files of the browser module. All of them are anonymous.</summary>
internal static class BrowserModuleEndpoints
{
    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];

    public static RouteGroupBuilder Map(IEndpointRouteBuilder endpoints, string prefix)
    {
        var module = BrowserModule.Instance;
        var group = endpoints.MapGroup(prefix);
        group.MapOurs(ReadMethods, "/session-recovery.js", module.WriteEntryAsync).AllowAnonymous();
        group.MapOurs(ReadMethods, "/session-recovery.d.ts", module.WriteTypesAsync).AllowAnonymous();
        group.MapOurs(ReadMethods, "/session-recovery/{hash}/{**part}", module.WritePartAsync).AllowAnonymous();
        return group;
    }
}
