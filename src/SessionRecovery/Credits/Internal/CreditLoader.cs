using Microsoft.Extensions.Options;
using SessionRecovery.Sessions;
using SessionRecovery.Shared;

namespace SessionRecovery.Credits.Internal;

/// <summary>
/// Reads balances from the store. For each user, one load runs at a time, and loads start at most once per interval. A load continues even
/// if the caller that started it cancels. A load writes only to the slot that is current when the load begins. A new load does not wait for
/// the running load if the slot was invalidated after the running load began, or if the new load is for other session properties.
/// </summary>
internal sealed class CreditLoader(ResilientCreditStore store, CreditCache cache, IOptions<CreditOptions> options, TimeProvider time)
{
    private readonly SingleFlight<string, CreditLoad> _loads = new();
    private readonly TimeSpan _interval = options.Value.MinRefreshInterval;
    private long _sequence;

    /// <summary>Returns the next number of the sequence that orders the arrivals of callers and the starts of loads.</summary>
    public long NextPosition() => Interlocked.Increment(ref _sequence);

    /// <summary>Returns a value that indicates whether a recent load found no account, so that the next load must wait.</summary>
    public bool WasNotFound(CreditSlot slot) => slot.WasNotFound(time, _interval);

    /// <summary>Discards the results of loads that have already begun, so that their balances are not used after a sign-out.</summary>
    public void Forget(UserId user) => _loads.Void(user.Value);

    /// <summary>Starts a waiting load immediately, without waiting for the interval to pass.</summary>
    public void Expedite(UserId user) => _loads.Expedite(user.Value);

    /// <summary>Joins a load whose result the caller can use, or queues a new load.</summary>
    /// <param name="session">The session whose access token is used for the store read.</param>
    /// <param name="slot">
    /// The slot that the caller found in the cache. The result of a load for an earlier slot may not contain the latest changes.
    /// </param>
    /// <param name="startedAfter">
    /// The caller's sequence number if the load must start after the caller arrived, or 0 if any load for the slot is acceptable.
    /// </param>
    /// <param name="ownTokenOnly"><see langword="true"/> if the caller cannot use the result of a load with another access token.</param>
    public SingleFlight<string, CreditLoad>.Flight Load(UserSession session, CreditSlot slot, long startedAfter, bool ownTokenOnly)
    {
        var arrivedAt = cache.Now;
        var tag = new CreditLoadTag(session.Token, cache.GetVariant(session));
        return _loads.Join(
            session.User.Value,
            load => load.StartedAt > startedAfter
                && (startedAfter > 0 || load.State is null || ReferenceEquals(load.State, slot))
                && ((CreditLoadTag)load.Tag!).Serves(tag, ownTokenOnly),
            load => RunAsync(load, session, startedAfter, arrivedAt),
            tag,
            overtakes: load => !string.Equals(((CreditLoadTag)load.Tag!).Variant, tag.Variant, StringComparison.Ordinal)
                || (load.State is { } begun && !ReferenceEquals(begun, slot)));
    }

    private async Task<CreditLoad> RunAsync(
        SingleFlight<string, CreditLoad>.Flight load, UserSession session, long startedAfter, long arrivedAt)
    {
        var slot = cache.GetSlot(session);
        while (true)
        {
            if (slot.Entry is { } found && (startedAfter == 0 || found.LoadStarted > arrivedAt) && cache.IsFresh(found))
            {
                // Another load has filled the slot in the meantime, for example with the token of another device. If the load need not
                // start after the caller arrived, the caller uses this balance.
                load.Begin(slot, startedAfter + 1);
                return new CreditLoad(CreditReadResult.Current(found.Balance), slot);
            }

            var delay = slot.GetLoadDelay(time, _interval);
            if (load.Expedited.IsCompleted || delay <= TimeSpan.Zero)
            {
                break;
            }

            // A call of RefreshAsync ends the wait, because the host calls RefreshAsync after it has changed the balance with its own SQL.
            await Task.WhenAny(Task.Delay(delay, time), load.Expedited).ConfigureAwait(false);
            slot = cache.GetSlot(session);
        }

        var started = cache.Now;
        slot.RecordLoadStart(started);
        load.Begin(slot, NextPosition());
        var result = await store.ReadAsync(session, CancellationToken.None).ConfigureAwait(false);
        if (result is { Status: CreditReadStatus.Current, Balance: { } balance })
        {
            slot.Offer(new CurrentCreditEntry(balance, started));
        }
        else if (result.Status == CreditReadStatus.NotFound)
        {
            slot.RecordNotFound(started);
        }

        return new CreditLoad(result, slot);
    }
}
