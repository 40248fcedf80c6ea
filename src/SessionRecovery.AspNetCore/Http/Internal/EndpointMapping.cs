using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SessionRecovery.AspNetCore.Sessions.Internal;

namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>What every endpoint of ours has around it: its cache rule, its marks, and the rule for requests that a foreign page could send.</summary>
internal static class EndpointMapping
{
    public static IEndpointConventionBuilder MapEndpoint(this IEndpointRouteBuilder endpoints, string method, string pattern, RequestDelegate handler) =>
        endpoints.MapEndpoint([method], pattern, handler);

    public static IEndpointConventionBuilder MapEndpoint(this IEndpointRouteBuilder endpoints, string[] methods, string pattern, RequestDelegate handler)
    {
        var isUnsafe = methods.Any(static method => !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method));
        return endpoints.MapMethods(pattern, methods, Wrapped).WithMetadata(SessionEndpoint.Instance);

        Task Wrapped(HttpContext context)
        {
            context.Response.Headers.CacheControl = "private, no-store";
            return isUnsafe && !IsSentByOurOwnCode(context.Request)
                ? context.Response.WriteAsync(Problems.CustomHeaderRequired)
                : handler(context);
        }
    }

    // A cookie travels with a form that any page can send, and so do a browser's own Basic or Negotiate credentials; a bearer token does not.
    private static bool IsSentByOurOwnCode(HttpRequest request) =>
        SessionReader.GetBearerToken(request) is not null
        || request.Headers.ContainsKey(HeaderNames.SessionClient)
        || request.Headers.ContainsKey(HeaderNames.IdempotencyKey);
}
