using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SessionRecovery.Credits;
using SessionRecovery.Health;
using SessionRecovery.Resilience.Internal;
using SessionRecovery.Sessions;
using SessionRecovery.Shared;

namespace SessionRecovery.Recovery.Internal;

/// <summary>Runs at most one recovery per user and token at a time, and keeps its result during the cooldown.</summary>
internal sealed class SessionRecoveryService(
    SessionRecoveryRunner runner,
    IOptions<RecoveryOptions> options,
    TimeProvider time,
    ICreditService? credits = null) : ISessionRecoveryService
{
    // The key contains the token's fingerprint and not the token, because an entry is kept after a sign-out, and the token must not stay in
    // memory.
    private readonly SingleFlight<(UserId User, string? Token), Ended> _running = new();
    private readonly BoundedMap<(UserId User, string? Token), Ended> _ended = new(options.Value.MaxTrackedUsers);

    public async ValueTask<SessionRecoveryResult> RecoverAsync(
        UserSession session, string trigger, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(trigger);
        cancellationToken.ThrowIfCancellationRequested();
        var key = (session.User, session.Token?.Fingerprint());
        var ended = FindWithinCooldown(key)
            ?? await _running.RunAsync(key, () => RunAsync(key, session, trigger)).WaitAsync(cancellationToken).ConfigureAwait(false);

        // The result of the recovery applies to all sessions with the same token. The balance in the result applies only to sessions with
        // the same properties.
        return credits is null || string.Equals(ended.PropertiesKey, session.PropertiesKey, StringComparison.Ordinal)
            ? ended.Result
            : ended.Result with
            {
                Credits = await credits.ReadAsync(session, cancellationToken: cancellationToken).ConfigureAwait(false),
            };
    }

    private Ended? FindWithinCooldown((UserId User, string? Token) key)
    {
        if (!_ended.TryGet(key, out var ended))
        {
            return null;
        }

        var left = options.Value.Cooldown - time.GetElapsedTime(ended.At);
        return left > TimeSpan.Zero
            ? ended with
            {
                Result = ended.Result with
                {
                    Repeated = true,
                    RetryAfter = ended.Result.Outcome == SessionRecoveryOutcome.Failed ? left : null,
                },
            }
            : null;
    }

    private async Task<Ended> RunAsync((UserId User, string? Token) key, UserSession session, string trigger)
    {
        // Another recovery may have ended after this caller looked for its result. In this case, no second recovery runs.
        if (FindWithinCooldown(key) is { } earlier)
        {
            return earlier;
        }

        var result = await runner.RunAsync(session, RecoveryTriggers.Normalize(trigger)).ConfigureAwait(false);
        var ended = new Ended(result, session.PropertiesKey, time.GetTimestamp());
        _ended.Set(key, ended);
        return ended;
    }

    private sealed record Ended(SessionRecoveryResult Result, string? PropertiesKey, long At);
}
