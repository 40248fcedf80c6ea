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
    TimeProvider time) : ISessionRecoveryService
{
    // The key contains a fingerprint of the access token and not the token itself, because an entry remains after the user has signed out.
    private readonly SingleFlight<(UserId User, string? Token), SessionRecoveryResult> _running = new();
    private readonly BoundedMap<(UserId User, string? Token), Ended> _ended = new(options.Value.MaxTrackedUsers);

    public async ValueTask<SessionRecoveryResult> RecoverAsync(
        UserSession session, string trigger, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(trigger);
        cancellationToken.ThrowIfCancellationRequested();
        var key = (session.User, session.Token?.Fingerprint());
        return FindWithinCooldown(key)
            ?? await _running.RunAsync(key, () => RunAsync(key, session, trigger)).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private SessionRecoveryResult? FindWithinCooldown((UserId User, string? Token) key)
    {
        if (!_ended.TryGet(key, out var ended))
        {
            return null;
        }

        var left = options.Value.Cooldown - time.GetElapsedTime(ended.At);
        return left > TimeSpan.Zero
            ? ended.Result with { Repeated = true, RetryAfter = ended.Result.Outcome == SessionRecoveryOutcome.Failed ? left : null }
            : null;
    }

    private async Task<SessionRecoveryResult> RunAsync((UserId User, string? Token) key, UserSession session, string trigger)
    {
        // Another recovery may have ended after this caller looked for its result. A second recovery is then unnecessary.
        if (FindWithinCooldown(key) is { } ended)
        {
            return ended;
        }

        var result = await runner.RunAsync(session, RecoveryTriggers.Normalize(trigger)).ConfigureAwait(false);
        _ended.Set(key, new Ended(result, time.GetTimestamp()));
        return result;
    }

    private sealed record Ended(SessionRecoveryResult Result, long At);
}
