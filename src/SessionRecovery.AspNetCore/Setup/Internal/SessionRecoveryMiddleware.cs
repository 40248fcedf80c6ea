using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using SessionRecovery.AspNetCore.Hosting.Internal;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.AspNetCore.KeyRing.Internal;
using SessionRecovery.AspNetCore.Sessions.Internal;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Setup.Internal;

/// <summary>
/// Adds the epoch to responses that are not publicly cacheable, and adds the headers of SessionRecovery to the headers that CORS exposes
/// and allows. Also adds a problem with a code to an empty 401 response. If the key ring could not be loaded, the empty 401 response
/// becomes a 503 response. The middleware never starts a recovery, because only clients start recoveries.
/// </summary>
internal sealed class SessionRecoveryMiddleware(
    RequestDelegate next, ISessionEpoch epoch, SessionMetrics metrics, RequestDrain drain)
{
    public async Task InvokeAsync(HttpContext context)
    {
        drain.Begin();
        try
        {
            await RunAsync(context).ConfigureAwait(false);
        }
        finally
        {
            drain.End();
        }
    }

    private async Task RunAsync(HttpContext context)
    {
        context.Response.OnStarting(WriteHeaders, (context.Response, epoch));
        if (context.Request.Headers.ContainsKey(HeaderNames.IdempotencyKey))
        {
            context.Features.Set(new ClientConnection(context.RequestAborted));
        }

        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsFailedSignIn(exception, context))
        {
            await WriteUnavailableAsync(context).ConfigureAwait(false);
            return;
        }

        if (IsRedirectToSignIn(context))
        {
            // The host's scheme may have added a redirect to a sign-in page, with a nonce and a correlation cookie. The redirect headers
            // are removed, because the response is sent to a script and not to a browser navigation.
            context.Response.Headers.Location = default;
            context.Response.Headers.SetCookie = default;
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        }

        var isEmpty = context.Response is { HasStarted: false, ContentType: null, ContentLength: null or 0 };
        if (isEmpty && context.Response.StatusCode == StatusCodes.Status401Unauthorized)
        {
            if (KeyRingOutage.IsIn(context))
            {
                await WriteUnavailableAsync(context).ConfigureAwait(false);
                return;
            }

            var hasCredential = context.Request.Headers.Authorization.Count > 0;
            if (hasCredential)
            {
                metrics.StateChanged("refused");
            }

            context.Response.Headers.CacheControl = CacheControl.Private;
            await (hasCredential ? Problems.InvalidToken : Problems.Unauthenticated).ExecuteAsync(context).ConfigureAwait(false);
        }
    }

    // While the key ring cannot be loaded, Data Protection throws an exception in a new sign-in and in the callback of a remote provider.
    private static bool IsFailedSignIn(Exception exception, HttpContext context) =>
        exception is CryptographicException or AuthenticationFailureException
        && !context.Response.HasStarted
        && KeyRingOutage.IsIn(context);

    private static Task WriteUnavailableAsync(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = default;
        context.Response.Headers.CacheControl = CacheControl.Private;
        return Problems.SignInUnavailable.ExecuteAsync(context);
    }

    private static bool IsRedirectToSignIn(HttpContext context) =>
        context.Response is { HasStarted: false, StatusCode: StatusCodes.Status302Found or StatusCodes.Status303SeeOther }
        && context.User.Identity?.IsAuthenticated != true
        && context.GetEndpoint()?.Metadata is { } metadata
        && (metadata.GetMetadata<SessionEndpoint>() is not null
            || (KeyRingOutage.IsIn(context) && metadata.GetMetadata<IAuthorizeData>() is not null));

    private static Task WriteHeaders(object state)
    {
        var (response, epoch) = ((HttpResponse, ISessionEpoch))state;
        var headers = response.Headers;
        if (!IsPublic(headers.CacheControl.ToString()))
        {
            headers[HeaderNames.SessionEpoch] = epoch.Current;
        }

        if (headers.AccessControlAllowOrigin.Count > 0)
        {
            headers.AccessControlExposeHeaders = Append(headers.AccessControlExposeHeaders, HeaderNames.Exposed);
            if (IsPreflight(response.HttpContext.Request))
            {
                headers.AccessControlAllowHeaders = Append(headers.AccessControlAllowHeaders, HeaderNames.Allowed);
            }
        }

        return Task.CompletedTask;
    }

    // The value of the endpoints of SessionRecovery is compared first, because a search that ignores the case takes longer.
    private static bool IsPublic(string cacheControl) =>
        cacheControl.Length > 0
        && !string.Equals(cacheControl, CacheControl.Private, StringComparison.Ordinal)
        && cacheControl.Contains("public", StringComparison.OrdinalIgnoreCase);

    // The CORS middleware has already checked the origin. The CORS middleware does not check the requested headers, because the browser
    // compares the requested headers with the response.
    private static bool IsPreflight(HttpRequest request) =>
        HttpMethods.IsOptions(request.Method) && request.Headers.AccessControlRequestMethod.Count > 0;

    private static StringValues Append(StringValues list, string names) => StringValues.IsNullOrEmpty(list) ? names : $"{list}, {names}";
}
