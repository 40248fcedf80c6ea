using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.AspNetCore.Sessions.Internal;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// A paid endpoint: reserves credits, runs the handler, captures together with the response. It wraps the endpoint's request delegate,
/// because an endpoint filter has access to results but not to responses.
/// </summary>
internal sealed class PaidRequest(
    RequestDelegate handler,
    PaidEndpointMetadata price,
    SessionReader sessions,
    ICreditLedger ledger,
    IOptions<PaidRequestOptions> options,
    TimeProvider time)
{
    private readonly PaidRequestOptions _options = options.Value;

    public async Task InvokeAsync(HttpContext context)
    {
        if (await sessions.FindAsync(context).ConfigureAwait(false) is not { } session)
        {
            await Problems.Unauthenticated.ExecuteAsync(context).ConfigureAwait(false);
            return;
        }

        var (key, fingerprint, problem) = await ReadAsync(context.Request).ConfigureAwait(false);
        if (problem is not null)
        {
            await SendAsync(context, problem).ConfigureAwait(false);
            return;
        }

        await RunAsync(context, session, key, fingerprint).ConfigureAwait(false);
    }

    private async Task RunAsync(HttpContext context, UserSession session, IdempotencyKey key, string? fingerprint)
    {
        var requestedAt = time.GetTimestamp();
        var reserve = new CreditReservationOptions
        {
            Lifetime = _options.ReservationLifetime,
            Fingerprint = fingerprint,
            LeaseOwner = Guid.NewGuid(),
        };
        var reserved = await ledger.ReserveAsync(session.User, price.Cost, key, reserve, context.RequestAborted).ConfigureAwait(false);
        CreditHeaders.Write(context.Response, session.User, reserved.Command.Balance);
        if (reserved.Succeeded)
        {
            var renewal = new ReservationRenewal(reserved.Reservation, requestedAt, _options, time);
            await using (renewal.ConfigureAwait(false))
            {
                using var execution = new PaidRequestExecution(context, reserved.Reservation);
                await execution.RunAsync(handler).ConfigureAwait(false);
            }
        }
        else if (reserved.Status == CreditCommandStatus.AlreadyCaptured)
        {
            await new StoredResponseResult(reserved.Command.Response).ExecuteAsync(context).ConfigureAwait(false);
        }
        else
        {
            await SendAsync(context, PaidProblems.Create(reserved.Command, price.Cost)).ConfigureAwait(false);
        }
    }

    private async Task<(IdempotencyKey Key, string? Fingerprint, Problem? Problem)> ReadAsync(HttpRequest request)
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

        var (fingerprint, problem) = await RequestFingerprint.ComputeAsync(request, _options.MaxRequestBody).ConfigureAwait(false);
        return (key, fingerprint, problem);
    }

    private static Task SendAsync(HttpContext context, Problem problem)
    {
        context.Response.Headers.CacheControl = "private, no-store";
        return problem.ExecuteAsync(context);
    }
}
