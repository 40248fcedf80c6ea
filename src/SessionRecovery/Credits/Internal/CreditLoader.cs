using Microsoft.Extensions.Options;
using SessionRecovery.Sessions;
using SessionRecovery.Shared;

namespace SessionRecovery.Credits.Internal;

/// <summary>
/// Reads balances from the store: one load per user at a time, started at most once per interval, detached from the caller that caused it.
/// A load belongs to the slot that is current when it begins. After an invalidation, the next load does not wait for an earlier one that
/// does not end. A load for other session properties does not wait either.
/// </summary>
internal sealed class CreditLoader(ResilientCreditStore store, CreditCache cache, IOptions<CreditOptions> options, TimeProvider time)
{
    private readonly SingleFlight<UserId, CreditLoad> _loads = new();
    private readonly TimeSpan _interval = options.Value.MinRefreshInterval;
    private long _sequence;

    /// <summary>Returns the next position in the common order of callers' arrivals and load starts.</summary>
    public long NextPosition() => Interlocked.Increment(ref _sequence);

    /// <summary>Returns whether a load found no account so recently that the next one may not start yet.</summary>
    public bool WasNotFound(CreditSlot slot) => slot.WasNotFound(time, _interval);

    /// <summary>Voids the loads that have begun, so that their values are not used after a sign-out.</summary>
    public void Forget(UserId user) => _loads.Void(user);

    /// <summary>Starts a load that waits for the interval at once.</summary>
    public void Expedite(UserId user) => _loads.Expedite(user);

    /// <summary>Joins a load that serves the caller, or queues the next one.</summary>
    /// <param name="session">The session whose token reads the store.</param>
    /// <param name="slot">The slot that the caller found. A load that began on an earlier slot may lack later changes.</param>
    /// <param name="startedAfter">The caller's position, if it requires a load that starts later; 0 for any load of the slot.</param>
    /// <param name="ownTokenOnly">Whether a load with another token does not serve the caller.</param>
    public SingleFlight<UserId, CreditLoad>.Flight Load(UserSession session, CreditSlot slot, long startedAfter, bool ownTokenOnly)
    {
        var arrivedAt = cache.Now;
        var tag = new CreditLoadTag(session.Token, cache.GetVariant(session));
        return _loads.Join(
            session.User,
            load => load.StartedAt > startedAfter
                && (startedAfter > 0 || load.State is null || ReferenceEquals(load.State, slot))
                && ((CreditLoadTag)load.Tag!).Serves(tag, ownTokenOnly),
            load => RunAsync(load, session, startedAfter, arrivedAt),
            tag,
            overtakes: load => !string.Equals(((CreditLoadTag)load.Tag!).Variant, tag.Variant, StringComparison.Ordinal)
                || (load.State is { } begun && !ReferenceEquals(begun, slot)));
    }

    private async Task<CreditLoad> RunAsync(
        SingleFlight<UserId, CreditLoad>.Flight load, UserSession session, long startedAfter, long arrivedAt)
    {
        var slot = cache.GetSlot(session);
        while (true)
        {
            if (slot.Entry is { } found && found.LoadStarted > arrivedAt && cache.IsFresh(found))
            {
                // Another load, for example with the token of another device, began after the callers of this one arrived, so its value is
                // used.
                load.Begin(slot, startedAfter + 1);
                return new CreditLoad(CreditReadResult.Current(found.Balance), slot);
            }

            if (load.Expedited.IsCompleted || slot.GetLoadDelay(time, _interval) is not { Ticks: > 0 } delay)
            {
                break;
            }

            // A refresh ends the wait, because the host calls it after it changed the balance itself.
            await Task.WhenAny(Task.Delay(delay, time), load.Expedited).ConfigureAwait(false);
            slot = cache.GetSlot(session);
        }

        var started = cache.Now;
        slot.RecordLoadStart(started);
        load.Begin(slot, NextPosition());
        var result = await store.ReadAsync(session, CancellationToken.None).ConfigureAwait(false);
        if (result is { Status: CreditReadStatus.Current, Balance: { } balance })
        {
            slot.Offer(cache.CreateEntry(balance, started));
        }
        else if (result.Status == CreditReadStatus.NotFound)
        {
            slot.RecordNotFound(started);
        }

        return new CreditLoad(result, slot);
    }
}
