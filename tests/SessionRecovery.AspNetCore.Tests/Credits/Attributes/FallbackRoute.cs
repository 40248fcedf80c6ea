using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Routing;
using Microsoft.AspNetCore.Routing;

namespace SessionRecovery.AspNetCore.Tests.Credits.Attributes;

/// <summary>Selects the action of <see cref="FallbackController"/> for every path.</summary>
internal sealed class FallbackRoute : DynamicRouteValueTransformer
{
    public override ValueTask<RouteValueDictionary> TransformAsync(HttpContext httpContext, RouteValueDictionary values) =>
        new(new RouteValueDictionary { ["controller"] = "Fallback", ["action"] = "Run" });
}
