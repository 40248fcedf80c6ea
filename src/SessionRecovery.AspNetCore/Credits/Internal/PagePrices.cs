using System.Reflection;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Finds the attributes <c>RequireCredits</c> and <c>RequireIdempotency</c> on pages. The assemblies for pages are loaded only when a
/// method of this class runs. A host without actions calls no method of this class and does not load the assemblies.
/// </summary>
internal static class PagePrices
{
    public static bool IsPage(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<PageActionDescriptor>() is not null
        || endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is not null;

    /// <summary>Returns whether a page will be compiled at its first request. Its attributes are unknown before this request.</summary>
    public static bool IsNotCompiled(ActionDescriptor action) => action is PageActionDescriptor and not CompiledPageActionDescriptor;

    /// <summary>Finds the price on a handler of a Razor page, where MVC ignores attributes.</summary>
    public static PaidEndpointMetadata? FindOnHandlers(ActionDescriptor action) => (action as CompiledPageActionDescriptor)?.HandlerMethods
        .SelectMany(static handler => handler.MethodInfo.GetCustomAttributes())
        .OfType<IPaidAttribute>()
        .FirstOrDefault()?.Price;
}
