using Microsoft.Extensions.Options;
using SessionRecovery.Diagnostics.Internal;
using SessionRecovery.Sessions;

namespace SessionRecovery.Credits.Internal;

/// <summary>Reads through the cache. The walk of a balance: slot, or one load of the store that all callers share.</summary>
internal sealed class CreditService(
    CreditCache cache,
    StoreCalls calls,
    AccountInitializer accounts,
    IOptions<CreditOptions> options,
    TimeProvider time,
    CoreMetrics metrics) : ICreditService
{
    // A reading that meets more drops than this while it waits gives up on a number: the next one will do better.
    private const int MaxRounds = 5;

    private readonly CreditOptions _options = options.Value;
    private long _arrivals;

    public ValueTask<CreditReadResult> ReadAsync(UserSession session, CreditReadOptions options = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (!options.Refresh
            && cache.TryFind(session.User, out var slot)
            && slot.Entry is { } entry
            && cache.Now < entry.FreshUntil
            && options.VersionToken.Allows(session.User, entry.Balance))
        {
            metrics.CreditRead(CreditReadStatus.Current, fromCache: true);
            return new(CreditReadResult.Current(entry.Balance));
        }

        return LoadAsync(session, options, cancellationToken);
    }

    public ValueTask<CreditReadResult> RefreshAsync(UserSession session, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        cache.Drop(session.User);
        return LoadAsync(session, new CreditReadOptions { Refresh = true }, cancellationToken);
    }

    public void Invalidate(UserId user) => cache.Drop(user);

    public void Forget(UserId user) => cache.Forget(user);

    private async ValueTask<CreditReadResult> LoadAsync(UserSession session, CreditReadOptions options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var arrival = Interlocked.Increment(ref _arrivals);
        var reading = CreditReadResult.Unavailable;
        var ownTokenOnly = false;
        for (var round = 0; round < MaxRounds; round++)
        {
            var slot = cache.GetSlot(session.User);
            if ((round > 0 || !options.Refresh) && slot.Entry is { } renewed && cache.Now < renewed.FreshUntil && options.VersionToken.Allows(session.User, renewed.Balance))
            {
                // After a first round the slot is younger than this call, and so is every fresh value in it.
                reading = CreditReadResult.Current(renewed.Balance);
                break;
            }

            var mustBeginLater = options.Refresh || slot.Entry is { } entry && !options.VersionToken.Allows(session.User, entry.Balance);

            // Whoever was told of a version has an account, whatever was said here a moment ago.
            var wasMissing = !mustBeginLater && options.VersionToken == default && slot.WasMissing(time, _options.MinRefreshInterval);
            var loaded = CreditReadResult.NotFound;
            if (!wasMissing)
            {
                var load = slot.Join(session.Token, mustBeginLater ? arrival : 0, ownTokenOnly, out var previous, out var planned);
                if (planned)
                {
                    Start(slot, load, previous, session);
                }

                loaded = await load.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
                if (!cache.IsCurrent(session.User, slot))
                {
                    // Dropped or evicted meanwhile: what was loaded may be from before a change.
                    continue;
                }

                if (loaded.Status == CreditReadStatus.Unauthenticated && !Equals(load.Token, session.Token))
                {
                    ownTokenOnly = true;
                    continue;
                }
            }

            if (loaded.Status == CreditReadStatus.NotFound && options.AllowAccountCreation && _options.InitializeOnRead)
            {
                loaded = await accounts.OpenAsync(slot, session.User, mayRepeat: !wasMissing).WaitAsync(cancellationToken).ConfigureAwait(false);
            }

            reading = Conclude(slot, loaded, options.VersionToken, session.User);
            break;
        }

        metrics.CreditRead(reading.Status, fromCache: false);
        return reading;
    }

    /// <summary>What a caller may be told: what the slot knows by now, which may be later than what was loaded, and nothing below the versionToken.</summary>
    private CreditReadResult Conclude(CreditSlot slot, CreditReadResult loaded, CreditVersionToken versionToken, UserId user)
    {
        if (loaded.Status == CreditReadStatus.Unauthenticated || (loaded.Status == CreditReadStatus.NotFound && slot.Entry is null))
        {
            return loaded;
        }

        if (slot.Entry is not { } entry || !versionToken.Allows(user, entry.Balance))
        {
            return CreditReadResult.Unavailable;
        }

        var isAnswer = loaded.HasBalance && (ReferenceEquals(entry.Balance, loaded.Balance) || cache.Now < entry.FreshUntil);
        if (isAnswer)
        {
            return CreditReadResult.Current(entry.Balance);
        }

        var age = cache.GetAge(entry);
        return age <= _options.MaxStaleness ? CreditReadResult.Stale(entry.Balance, age) : CreditReadResult.Unavailable;
    }

    /// <summary>Runs a load detached from the caller that caused it: neither its cancellation nor its request's context belongs to the others.</summary>
    private void Start(CreditSlot slot, CreditLoad load, CreditLoad? previous, UserSession session)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            _ = Task.Run(() => RunAsync(slot, load, previous, session));
            return;
        }

        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(() => RunAsync(slot, load, previous, session));
        }
    }

    private async Task RunAsync(CreditSlot slot, CreditLoad load, CreditLoad? previous, UserSession session)
    {
        var reading = CreditReadResult.Unavailable;
        try
        {
            if (previous is not null)
            {
                await previous.Completion.ConfigureAwait(false);
            }

            var pause = slot.PauseBeforeLoad(time, _options.MinRefreshInterval);
            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, time).ConfigureAwait(false);
                if (!cache.IsCurrent(session.User, slot))
                {
                    // Dropped while it waited: only the load of the slot that is there now may ask the store.
                    return;
                }
            }

            var started = cache.Now;
            slot.Begin(load, Interlocked.Increment(ref _arrivals), started);
            reading = await calls.ReadAsync(session, CancellationToken.None).ConfigureAwait(false);
            if (reading is { Status: CreditReadStatus.Current, Balance: { } balance })
            {
                slot.Offer(cache.EntryFor(balance, started));
            }
            else if (reading.Status == CreditReadStatus.NotFound)
            {
                slot.ForgetAccount(started);
            }
        }
        finally
        {
            slot.End(load);
            load.Complete(reading);
        }
    }
}
