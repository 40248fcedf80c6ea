using Microsoft.AspNetCore.Http;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.Credits;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Represents the response to a repeat of a request whose credits were captured. The result sends the stored response. If the body was not
/// stored or has been deleted, the result reports that the request has already completed, and includes the location that the handler had
/// set.
/// </summary>
internal sealed class StoredResponseResult(StoredResponse? stored) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.Headers[HeaderNames.IdempotencyReplayed] = "true";
        response.Headers.CacheControl = CacheControl.Private;
        if (stored?.Location is { } location)
        {
            response.Headers.Location = location;
        }

        if (stored?.Body is not { } body)
        {
            await response.WriteJsonAsync(StatusCodes.Status200OK, new AlreadyCompletedResponse()).ConfigureAwait(false);
            return;
        }

        response.StatusCode = stored.StatusCode;
        response.ContentType = stored.ContentType;
        foreach (var (name, value) in stored.Headers)
        {
            response.Headers[name] = value;
        }

        if (body.Length > 0)
        {
            response.ContentLength = body.Length;
            await response.Body.WriteAsync(body, httpContext.RequestAborted).ConfigureAwait(false);
        }
    }
}
