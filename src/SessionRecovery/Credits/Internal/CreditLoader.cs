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

    /// <summary>Returns the next number of the sequence that orders the arrivals of callers and the starts of loads.</summary>
    public long NextPosition() => Interlocked.Increment(ref _sequence);

    /// <summary>Returns a value that indicates whether a recent load found no account, so that the next load may not start yet.</summary>
    public bool WasNotFound(CreditSlot slot) => slot.WasNotFound(time, _interval);

    /// <summary>Discards the results of loads that have begun, so that their balances are not used after a sign-out.</summary>
    public void Forget(UserId user) => _loads.Void(user);

    /// <summary>Starts a waiting load immediately, without waiting for the interval to pass.</summary>
    public void Expedite(UserId user) => _loads.Expedite(user);

    /// <summary>Joins a load whose result the caller can use, or queues a new load.</summary>
    /// <param name="session">The session whose access token is used for the store read.</param>
    /// <param name="slot">The slot that the caller found. The result of a load for an earlier slot may lack later changes.</param>
    /// <param name="startedAfter">
    /// The caller's sequence number if the load must start after the caller arrived, or 0 if any load for the slot is acceptable.
    /// </param>
    /// <param name="ownTokenOnly"><see langword="true"/> if the caller cannot use the result of a load with another access token.</param>
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
            if (slot.Entry is { } found && (startedAfter == 0 || found.LoadStarted > arrivedAt) && cache.IsFresh(found))
            {
                // Another load has filled the slot, for example with the token of another device. A caller without a required start also
                // uses a load that ended after the caller had found the slot empty.
                load.Begin(slot, startedAfter + 1);
                return new CreditLoad(CreditReadResult.Current(found.Balance), slot);
            }

            var delay = slot.GetLoadDelay(time, _interval);
            if (load.Expedited.IsCompleted || delay <= TimeSpan.Zero)
            {
                break;
            }

            // A call of RefreshAsync ends the wait, because the host calls this method after it has changed the balance itself.
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
