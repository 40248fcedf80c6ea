using Microsoft.Extensions.Options;
using SessionRecovery.Sessions;
using SessionRecovery.Shared;

namespace SessionRecovery.Credits.Internal;

/// <summary>
/// Reads balances from the store: one load per slot at a time, started at most once per interval, detached from the caller that caused it.
/// </summary>
internal sealed class CreditLoader(ResilientCreditStore store, CreditCache cache, IOptions<CreditOptions> options, TimeProvider time)
{
    private readonly SingleFlight<CreditSlot, CreditReadResult> _loads = new();
    private readonly TimeSpan _interval = options.Value.MinRefreshInterval;
    private long _sequence;

    /// <summary>Returns the next position in the common order of callers' arrivals and load starts.</summary>
    public long NextPosition() => Interlocked.Increment(ref _sequence);

    /// <summary>Returns whether a load found no account so recently that the next one may not start yet.</summary>
    public bool WasNotFound(CreditSlot slot) => slot.WasNotFound(time, _interval);

    /// <summary>Joins a load that started after <paramref name="startedAfter"/> (any load if 0), or queues the next one.</summary>
    /// <param name="slot">The user's slot.</param>
    /// <param name="session">The session whose token reads the store.</param>
    /// <param name="startedAfter">The caller's position, if it requires a load that starts later.</param>
    /// <param name="ownTokenOnly">Whether a load with another token does not serve the caller.</param>
    public SingleFlight<CreditSlot, CreditReadResult>.Flight Load(
        CreditSlot slot, UserSession session, long startedAfter, bool ownTokenOnly) =>
        _loads.Join(
            slot,
            load => load.StartedAt > startedAfter && (!ownTokenOnly || Equals(load.Tag, session.Token)),
            load => RunAsync(load, slot, session),
            session.Token);

    private async Task<CreditReadResult> RunAsync(
        SingleFlight<CreditSlot, CreditReadResult>.Flight load, CreditSlot slot, UserSession session)
    {
        var delay = slot.GetLoadDelay(time, _interval);
        if (delay > TimeSpan.Zero)
        {
            await Task.Delay(delay, time).ConfigureAwait(false);
            if (!cache.IsCurrent(session.User, slot))
            {
                // Invalidated while it waited: only a load of the current slot may read the store.
                return CreditReadResult.Unavailable;
            }
        }

        var started = cache.Now;
        slot.RecordLoadStart(started);
        load.StartedAt = NextPosition();
        var result = await store.ReadAsync(session, CancellationToken.None).ConfigureAwait(false);
        if (result is { Status: CreditReadStatus.Current, Balance: { } balance })
        {
            slot.Offer(cache.CreateEntry(balance, started));
        }
        else if (result.Status == CreditReadStatus.NotFound)
        {
            slot.RecordNotFound(started);
        }

        return result;
    }
}
