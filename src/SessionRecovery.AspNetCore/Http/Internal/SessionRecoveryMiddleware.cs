using Microsoft.AspNetCore.Http;
using SessionRecovery.AspNetCore.Diagnostics.Internal;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>
/// Stamps and repairs nothing: the epoch on what is not publicly cacheable, our headers among those that CORS exposes, and a code on
/// a bare 401. The client decides, so no request can recurse into a recovery.
/// </summary>
internal sealed class SessionRecoveryMiddleware(RequestDelegate next, ISessionEpoch epoch, WebMetrics metrics)
{
    public async Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(Stamp, (context.Response, epoch));
        await next(context).ConfigureAwait(false);
        if (context.Response is { StatusCode: StatusCodes.Status401Unauthorized, HasStarted: false, ContentType: null, ContentLength: null or 0 }
            && context.GetEndpoint()?.Metadata.GetMetadata<SessionEndpoint>() is not null)
        {
            var refused = context.Request.Headers.Authorization.Count > 0;
            if (refused)
            {
                metrics.AuthStateChanged("refused");
            }

            context.Response.Headers.CacheControl = "private, no-store";
            await context.Response.WriteAsync(refused ? Problems.InvalidToken : Problems.Unauthenticated).ConfigureAwait(false);
        }
    }

    private static Task Stamp(object state)
    {
        var (response, epoch) = ((HttpResponse, ISessionEpoch))state;
        var headers = response.Headers;
        if (!headers.CacheControl.ToString().Contains("public", StringComparison.OrdinalIgnoreCase))
        {
            headers[HeaderNames.SessionEpoch] = epoch.Current;
        }

        if (headers.AccessControlAllowOrigin.Count > 0)
        {
            headers.AccessControlExposeHeaders = headers.AccessControlExposeHeaders.Count == 0
                ? HeaderNames.Exposed
                : $"{headers.AccessControlExposeHeaders}, {HeaderNames.Exposed}";
        }

        return Task.CompletedTask;
    }
}
