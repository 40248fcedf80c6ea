using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.AspNetCore.Sessions.Internal;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Handles a request to a paid endpoint. The handler reserves credits, runs the endpoint, and captures the credits together with the
/// response. The class wraps the endpoint's request delegate, because an endpoint filter has no access to the bytes of the response.
/// </summary>
internal sealed class PaidRequestHandler(
    RequestDelegate handler,
    PaidEndpointMetadata price,
    SessionReader sessions,
    ICreditLedger ledger,
    IOptions<PaidRequestOptions> options,
    IOptions<CreditOptions> creditOptions,
    IOptions<HostOptions> hostOptions,
    IHostApplicationLifetime host,
    TimeProvider time,
    ILogger<PaidRequest> logger)
{
    private static readonly TimeSpan StopMargin = TimeSpan.FromSeconds(2);

    private readonly PaidRequestOptions _options = options.Value;
    private readonly Func<UserSession, bool>? _initializeAccount = creditOptions.Value.InitializeAccount;

    public async Task InvokeAsync(HttpContext context)
    {
        if (await sessions.FindAsync(context).ConfigureAwait(false) is not { } session)
        {
            var isSignedIn = context.User.Identity?.IsAuthenticated == true && !sessions.HasUser(context.User);
            await SendAsync(context, isSignedIn ? Problems.NoUserId : Problems.Unauthenticated).ConfigureAwait(false);
            return;
        }

        var (key, fingerprint, problem) = await ReadAsync(context, session).ConfigureAwait(false);
        if (problem is not null)
        {
            await SendAsync(context, problem).ConfigureAwait(false);
            return;
        }

        await RunAsync(context, session, key, fingerprint).ConfigureAwait(false);
    }

    private async Task RunAsync(HttpContext context, UserSession session, IdempotencyKey key, string? fingerprint)
    {
        if (host.ApplicationStopping.IsCancellationRequested)
        {
            // The host may have started to stop while the request body was being received.
            await SendAsync(context, Problems.Stopping).ConfigureAwait(false);
            return;
        }

        PaidCost cost;
        try
        {
            cost = price.GetCost(context);
        }
        catch (BadHttpRequestException rejection)
        {
            await SendAsync(context, PaidProblems.Create(rejection)).ConfigureAwait(false);
            return;
        }

        var requestedAt = time.GetTimestamp();
        var (result, reservation) = await ReserveAsync(session, cost.Amount, key, fingerprint, context.RequestAborted)
            .ConfigureAwait(false);
        CreditHeaders.Write(context.Response, session, result.Balance);
        if (reservation is not null)
        {
            await WorkAsync(context, session, reservation, cost, requestedAt).ConfigureAwait(false);
        }
        else if (result.Status == CreditCommandStatus.AlreadyCaptured)
        {
            await new StoredResponseResult(result.Response).ExecuteAsync(context).ConfigureAwait(false);
        }
        else
        {
            await SendAsync(context, PaidProblems.Create(result, cost)).ConfigureAwait(false);
        }
    }

    private async Task WorkAsync(
        HttpContext context, UserSession session, CreditReservation reservation, PaidCost cost, long requestedAt)
    {
        var renewal = new ReservationRenewal(reservation, requestedAt, _options, time);
        await using (renewal.ConfigureAwait(false))
        {
            using var work = new WorkLifetime(context, _options.MaxWorkTime, StopDelay(), time, host.ApplicationStopping);
            var execution = new PaidRequestExecution(context, session, reservation, cost, work, _options, time)
            {
                IsDeclaredStream = price.IsStreaming,
            };
            await using (execution.ConfigureAwait(false))
            {
                await execution.RunAsync(handler).ConfigureAwait(false);
            }
        }
    }

    private async Task<(CreditCommandResult Result, CreditReservation? Reservation)> ReserveAsync(
        UserSession session, long amount, IdempotencyKey key, string? fingerprint, CancellationToken cancellationToken)
    {
        var reserve = new CreditReservationOptions
        {
            Lifetime = _options.ReservationLifetime,
            Fingerprint = fingerprint,
            LeaseOwner = Guid.NewGuid(),
        };
        var reserved = await ledger.ReserveAsync(session.User, amount, key, reserve, cancellationToken).ConfigureAwait(false);
        if (reserved.Status == CreditCommandStatus.NotInitialized && _initializeAccount?.Invoke(session) == true)
        {
            var initialized = await ledger.InitializeAsync(session.User, cancellationToken).ConfigureAwait(false);
            if (initialized.Status != CreditCommandStatus.Done)
            {
                return (initialized, null);
            }

            reserved = await ledger.ReserveAsync(session.User, amount, key, reserve, cancellationToken).ConfigureAwait(false);
        }

        return (reserved.Command, reserved.Reservation);
    }

    private async Task<(IdempotencyKey Key, string? Fingerprint, Problem? Problem)> ReadAsync(HttpContext context, UserSession session)
    {
        var header = context.Request.Headers[HeaderNames.IdempotencyKey];
        if (header.Count == 0 || (header.Count == 1 && string.IsNullOrEmpty(header[0])))
        {
            return (default, null, Problems.IdempotencyKeyRequired);
        }

        if (header.Count > 1 || !IdempotencyKey.TryCreateFromRequest(header[0], out var key))
        {
            return (default, null, Problems.InvalidIdempotencyKey);
        }

        var person = sessions.GetFileUser(context.User);
        var (fingerprint, problem) = await RequestFingerprint
            .ComputeAsync(context.Request, session, person, _options.MaxRequestBody, logger).ConfigureAwait(false);
        return (key, fingerprint, problem);
    }

    // Returns how long the work may continue after the host starts to stop. The work must end before the host closes the connections, so
    // that the reservation can still be released.
    private TimeSpan StopDelay()
    {
        var timeout = hostOptions.Value.ShutdownTimeout;
        return timeout > StopMargin * 2 ? timeout - StopMargin : timeout / 2;
    }

    private static Task SendAsync(HttpContext context, Problem problem)
    {
        context.Response.Headers.CacheControl = CacheControl.Private;
        return problem.ExecuteAsync(context);
    }
}
