using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;

namespace SessionRecovery.AspNetCore.Sessions.Internal;

/// <summary>
/// Creates the request with which a scheme verifies a token that did not arrive as the credential of the current request. It has the
/// current request's scheme, host, path, headers, connection and features, because a scheme may look at any of them. It has no body and a
/// response of its own, so that the scheme does not change the current one.
/// </summary>
internal static class TokenRequest
{
    /// <summary>Creates the request.</summary>
    /// <param name="current">The current request; <see langword="null"/> for background work.</param>
    /// <param name="services">The services of the new request.</param>
    /// <param name="authorization">The <c>Authorization</c> header; <see langword="null"/> for none.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public static HttpContext Create(
        HttpContext? current, IServiceProvider services, string? authorization, CancellationToken cancellationToken)
    {
        var request = current is null ? new HttpRequestFeature() : Copy(current.Request);

        // The new credential is the only one. Otherwise a cookie of the current request could answer for the token.
        request.Headers.Remove("Cookie");
        request.Headers.Authorization = authorization;

        // What is not set here is read from the current request's features.
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
