using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;

namespace SessionRecovery.AspNetCore.Sessions.Internal;

/// <summary>
/// Creates the request with which a scheme verifies a token that is not the credential of the current request. The new request has the
/// scheme, host, path, headers, connection and features of the current request, because an authentication scheme may read any of these
/// values. The new request has no body. It has a separate response, so that the authentication scheme does not change the current response.
/// </summary>
internal static class TokenRequest
{
    /// <summary>Creates the request.</summary>
    /// <param name="current">The current request; <see langword="null"/> for background work.</param>
    /// <param name="services">The services of the new request.</param>
    /// <param name="authorization">The <c>Authorization</c> header; <see langword="null"/> for a request without the header.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public static HttpContext Create(
        HttpContext? current, IServiceProvider services, string? authorization, CancellationToken cancellationToken)
    {
        var request = current is null ? new HttpRequestFeature() : Copy(current.Request);

        // The token is the only credential of the new request. If the request had a cookie, the scheme could accept the request without
        // verifying the token.
        request.Headers.Remove("Cookie");
        request.Headers.Authorization = authorization;

        // Features that the following statements do not set are those of the current request.
        var features = current is null ? new FeatureCollection() : new FeatureCollection(current.Features);
        features.Set<IHttpRequestFeature>(request);
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature { RequestAborted = cancellationToken });
        features.Set<IServiceProvidersFeature>(new ServiceProvidersFeature { RequestServices = services });
        features.Set<IItemsFeature>(new ItemsFeature { Items = Copy(current?.Items) });
        features.Set<IHttpAuthenticationFeature>(new HttpAuthenticationFeature());
        features.Set<IRequestCookiesFeature>(new RequestCookiesFeature(features));
        features.Set<IResponseCookiesFeature>(new ResponseCookiesFeature(features));
        features.Set<IFormFeature>(new FormFeature(FormCollection.Empty));
        var context = new DefaultHttpContext(features);
        features.Set<IRequestBodyPipeFeature>(new RequestBodyPipeFeature(context));
        return context;
    }

    private static HttpRequestFeature Copy(HttpRequest request) => new()
    {
        Protocol = request.Protocol,
        Scheme = request.Scheme,
        Method = request.Method,
        PathBase = request.PathBase.Value ?? string.Empty,
        Path = request.Path.Value ?? string.Empty,
        QueryString = request.QueryString.Value ?? string.Empty,
        RawTarget = request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget ?? string.Empty,
        Headers = new HeaderDictionary(request.Headers.ToDictionary(StringComparer.OrdinalIgnoreCase)),
    };

    private static Dictionary<object, object?> Copy(IDictionary<object, object?>? items) => items is null ? [] : new(items);
}
