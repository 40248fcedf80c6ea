using Microsoft.Extensions.Options;
using SessionRecovery.Caching.Internal;
using SessionRecovery.Sessions;

namespace SessionRecovery.Credits.Internal;

/// <summary>The slots of all users, bounded by a count. Knows lifetimes; nobody else does.</summary>
internal sealed class CreditCache(IOptions<CreditOptions> options, TimeProvider time)
{
    private readonly BoundedMap<UserId, CreditSlot> _slots = new(options.Value.MaxCachedUsers);
    private readonly CreditOptions _options = options.Value;

    public long Now => time.GetTimestamp();

    public CreditSlot GetSlot(UserId user) => _slots.GetOrAdd(user, static () => new CreditSlot());

    public bool TryFind(UserId user, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out CreditSlot? slot) => _slots.TryGet(user, out slot);

    /// <summary>Whether this is still the user's slot: it was neither dropped nor evicted since.</summary>
    public bool IsCurrent(UserId user, CreditSlot slot) => _slots.TryGet(user, out var current) && ReferenceEquals(current, slot);

    /// <summary>
    /// Takes the balance that a command got. If its slot was dropped or evicted meanwhile, the slot that is there now learns the version but not
    /// that it is fresh: a later change may be what the drop was about.
    /// </summary>
    public void Take(UserId user, CreditSlot slot, CreditBalance balance, long started)
    {
        var entry = EntryFor(balance, started);
        slot.Offer(entry);
        if (balance.Version is not null && !_slots.Holds(user, slot))
        {
            GetSlot(user).Offer(entry with { FreshUntil = long.MinValue });
        }
    }

    public void Drop(UserId user) => _slots.Replace(user, static slot => slot.Expired());

    public void Forget(UserId user) => _slots.Replace(user, static slot => slot.Forgotten());

    /// <summary>An entry for a balance that the store gave to a call which began at <paramref name="started"/>.</summary>
    public CreditEntry EntryFor(CreditBalance balance, long started)
    {
        var freshness = balance.Version is null ? _options.UnversionedCacheDuration : _options.CacheDuration;
        if (balance.HoldExpiresIn is { } holdExpiresIn && holdExpiresIn < freshness)
        {
            freshness = holdExpiresIn;
        }

        return new CreditEntry(balance, started, started + (long)(freshness.TotalSeconds * time.TimestampFrequency));
    }

    public TimeSpan GetAge(CreditEntry entry)
    {
        var age = time.GetElapsedTime(entry.LoadStarted);
        return age > TimeSpan.Zero ? age : TimeSpan.Zero;
    }
}
