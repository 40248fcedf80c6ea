using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using SessionRecovery.Shared;

namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>
/// Adds the conventions that all SessionRecovery endpoints share: the Cache-Control header, the endpoint marker, the OpenAPI description
/// and the protection against cross-site requests.
/// </summary>
internal static class EndpointConventions
{
    public static TBuilder AsSessionEndpoint<TBuilder>(this TBuilder builder, EndpointDescription description)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Describe(description).WithoutOutputCache().Finally(Protect);
        return builder;
    }

    /// <summary>Adds only the endpoint marker and the OpenAPI description, for endpoints that write their own response headers.</summary>
    public static TBuilder Describe<TBuilder>(this TBuilder builder, EndpointDescription description)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(static endpoint => endpoint.Metadata.Add(SessionEndpoint.Instance));
        builder.Add(description.Apply);
        return builder;
    }

    // The protection against cross-site requests wraps the request delegate, because it must run before parameters are bound. An endpoint
    // filter would run after the parameters are bound.
    private static void Protect(EndpointBuilder endpoint)
    {
        var handler = endpoint.RequestDelegate!;
        endpoint.RequestDelegate = context =>
        {
            context.Response.Headers.CacheControl = CacheControl.Private;
            var request = context.Request;
            var isUnsafe = !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method);
            return isUnsafe && !HasCustomHeader(request) ? Problems.CustomHeaderRequired.ExecuteAsync(context) : handler(context);
        };
    }

    // The protection applies to cookies and to Basic and Negotiate credentials, because a browser also sends these credentials with a form
    // of another site. The protection does not apply to bearer tokens, which a browser does not send automatically.
    private static bool HasCustomHeader(HttpRequest request) =>
        BearerToken.Get(request) is not null
        || request.Headers.ContainsKey(HeaderNames.SessionClient)
        || request.Headers.ContainsKey(HeaderNames.IdempotencyKey);
}
