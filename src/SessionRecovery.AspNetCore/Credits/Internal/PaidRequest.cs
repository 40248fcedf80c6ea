using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.AspNetCore.Sessions.Internal;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// The way of a paid request: reserve, work, capture together with the answer. It wraps the endpoint's request delegate, since a filter
/// sees results and not responses.
/// </summary>
internal sealed class PaidRequest(RequestDelegate handler, long cost)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var options = services.GetRequiredService<IOptions<PaidRequestOptions>>().Value;
        if (await services.GetRequiredService<SessionReader>().FindAsync(context).ConfigureAwait(false) is not { } session)
        {
            await context.Response.WriteAsync(Problems.Unauthenticated).ConfigureAwait(false);
            return;
        }

        var (key, fingerprint, problem) = await ReadAsync(context.Request, options).ConfigureAwait(false);
        if (problem is not null)
        {
            await AnswerAsync(context.Response, problem).ConfigureAwait(false);
            return;
        }

        var ledger = services.GetRequiredService<ICreditLedger>();
        var time = services.GetRequiredService<TimeProvider>();
        var askedAt = time.GetTimestamp();
        var reserved = await ledger.ReserveAsync(session.User, cost, key, options.ReservationLifetime, fingerprint, Guid.NewGuid(), context.RequestAborted).ConfigureAwait(false);
        CreditHeaders.Stamp(context.Response, session.User, reserved.Balance);
        switch (reserved.Status)
        {
            case CreditCommandStatus.Done:
                var hold = new PaidHold(ledger, session.User, reserved, askedAt, options, time);
                await using (hold.ConfigureAwait(false))
                {
                    await WorkAsync(context, session.User, hold).ConfigureAwait(false);
                }

                break;
            case CreditCommandStatus.AlreadyCaptured:
                await ReplayAsync(context.Response, reserved.Response).ConfigureAwait(false);
                break;
            default:
                await AnswerAsync(context.Response, ToProblem(reserved)).ConfigureAwait(false);
                break;
        }
    }

    private static async Task<(IdempotencyKey Key, string? Fingerprint, Problem? Problem)> ReadAsync(HttpRequest request, PaidRequestOptions options)
    {
        var header = request.Headers[HeaderNames.IdempotencyKey];
        if (header.Count == 0 || (header.Count == 1 && string.IsNullOrEmpty(header[0])))
        {
            return (default, null, Problems.IdempotencyKeyRequired);
        }

        if (header.Count > 1 || !IdempotencyKey.TryCreateFromRequest(header[0], out var key))
        {
            return (default, null, Problems.InvalidIdempotencyKey);
        }

        if (request.ContentType?.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) == true)
        {
            return (default, null, Problems.MultipartNotSupported);
        }

        var (fingerprint, problem) = await RequestFingerprint.TakeAsync(request, options.MaxRequestBody).ConfigureAwait(false);
        return (key, fingerprint, problem);
    }

    private async Task WorkAsync(HttpContext context, UserId user, PaidHold hold)
    {
        var response = context.Response;
        var inner = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var paid = new PaidResponse(response, inner, hold, balance => CreditHeaders.Stamp(response, user, balance));
        await using var disposal = paid.ConfigureAwait(false);
        var lifetime = context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        var shielded = new PaidLifetime(lifetime);
        context.Features.Set<IHttpResponseBodyFeature>(paid);
        context.Features.Set<IHttpRequestLifetimeFeature>(shielded);

        // What was paid for is one user's answer; a handler may still say otherwise.
        response.Headers.CacheControl = "private, no-store";
        try
        {
            await handler(context).ConfigureAwait(false);
            await paid.FinishAsync().ConfigureAwait(false);
        }
        catch
        {
            await hold.ReleaseAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            context.Features.Set(inner);
            context.Features.Set(lifetime);
        }

        if (paid.IsPassing)
        {
            return;
        }

        if (shielded.IsAborted || (hold.Captured is null && paid.IsIncomplete))
        {
            await hold.ReleaseAsync().ConfigureAwait(false);
            context.Abort();
            return;
        }

        if (hold.Captured is null && response.StatusCode is < 200 or > 399)
        {
            CreditHeaders.Stamp(response, user, await hold.ReleaseAsync().ConfigureAwait(false));
            await paid.SendKeptAsync(context.RequestAborted).ConfigureAwait(false);
            return;
        }

        var captured = hold.Captured ?? await paid.CaptureKeptAsync().ConfigureAwait(false);
        if (captured.Succeeded)
        {
            await paid.SendKeptAsync(context.RequestAborted).ConfigureAwait(false);
            return;
        }

        response.Clear();
        CreditHeaders.Stamp(response, user, captured.Balance);
        await AnswerAsync(response, ToProblem(captured)).ConfigureAwait(false);
    }

    private static async Task ReplayAsync(HttpResponse response, StoredResponse? stored)
    {
        response.Headers[HeaderNames.IdempotencyReplayed] = "true";
        response.Headers.CacheControl = "private, no-store";
        if (stored?.Body is not { } body)
        {
            await response.WriteAsync(StatusCodes.Status200OK, new AlreadyCompletedResponse(), SessionRecoveryJsonContext.Default.AlreadyCompletedResponse).ConfigureAwait(false);
            return;
        }

        response.StatusCode = stored.StatusCode;
        response.ContentType = stored.ContentType;
        if (stored.Location is { } location)
        {
            response.Headers.Location = location;
        }

        if (body.Length > 0)
        {
            response.ContentLength = body.Length;
            await response.Body.WriteAsync(body, response.HttpContext.RequestAborted).ConfigureAwait(false);
        }
    }

    private static Task AnswerAsync(HttpResponse response, Problem problem)
    {
        response.Headers.CacheControl = "private, no-store";
        return response.WriteAsync(problem);
    }

    private Problem ToProblem(CreditCommandResult outcome) => outcome.Status switch
    {
        CreditCommandStatus.InProgress => Problems.InProgress(outcome.RetryAfter),
        CreditCommandStatus.Insufficient => Problems.Insufficient(outcome.Required ?? cost, outcome.Balance?.Available),
        CreditCommandStatus.KeyConflict => Problems.KeyConflict,
        CreditCommandStatus.NotInitialized => Problems.NoAccount,
        CreditCommandStatus.Expired => Problems.HoldExpired,
        CreditCommandStatus.AlreadyClosed => Problems.AlreadyClosed,
        CreditCommandStatus.Superseded => Problems.Superseded,
        CreditCommandStatus.Busy => Problems.Busy,
        _ => Problems.OutcomeUnknown,
    };
}
