using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using SessionRecovery.Resilience.Internal;
using SessionRecovery.Sessions;

namespace SessionRecovery.Credits.Internal;

/// <summary>Holds the slots of all users, up to a maximum count, and decides for how long a value is current or usable.</summary>
internal sealed class CreditCache(IOptions<CreditOptions> options, TimeProvider time)
{
    private readonly BoundedMap<UserId, CreditSlot> _slots = new(options.Value.MaxCachedUsers);
    private readonly CreditOptions _options = options.Value;
    private int _period = 1;

    public long Now => time.GetTimestamp();

    /// <summary>Gets the current period of activity.</summary>
    public int Period => Volatile.Read(ref _period);

    public CreditSlot GetSlot(UserId user) => _slots.GetOrAdd(user, static () => new CreditSlot());

    public bool TryFind(UserId user, [NotNullWhen(true)] out CreditSlot? slot) => _slots.TryGet(user, out slot);

    /// <summary>Returns whether the slot is still the user's current one, neither invalidated nor evicted.</summary>
    public bool IsCurrent(UserId user, CreditSlot slot) => _slots.TryGet(user, out var current) && ReferenceEquals(current, slot);

    /// <summary>Returns whether the value may still be served without a store read.</summary>
    public bool IsFresh(CreditEntry entry) => Now < entry.FreshUntil;

    /// <summary>
    /// Accepts the balance that a command reported. If its slot was invalidated or evicted meanwhile, the current slot takes the version
    /// but remains expired, because a later change may have caused the invalidation.
    /// </summary>
    public void Take(UserId user, CreditSlot slot, CreditBalance balance, long started)
    {
        var entry = CreateEntry(balance, started);
        slot.Offer(entry);
        if (balance.Version is not null && !_slots.Holds(user, slot))
        {
            GetSlot(user).Offer(entry with { FreshUntil = long.MinValue });
        }
    }

    /// <summary>Marks the slot's user as active in the current period.</summary>
    public void MarkActive(CreditSlot slot) => slot.ActivePeriod = Period;

    /// <summary>Ends the current period, and returns it.</summary>
    public int BeginPeriod() => Interlocked.Increment(ref _period) - 1;

    /// <summary>Returns the users who were active in a period or later, the latest periods first.</summary>
    public List<UserId> GetUsers(int sincePeriod, int limit) =>
    [
        .. _slots.Enumerate()
            .Where(pair => pair.Value.ActivePeriod >= sincePeriod)
            .OrderByDescending(static pair => pair.Value.ActivePeriod)
            .Select(static pair => pair.Key)
            .Distinct()
            .Take(limit),
    ];

    public void Invalidate(UserId user) => _slots.Replace(user, static slot => slot.CreateExpired());

    public void Forget(UserId user) => _slots.Replace(user, static slot => slot.CreateEmpty());

    /// <summary>Creates an entry for a balance that the store reported to a call that began at <paramref name="started"/>.</summary>
    public CreditEntry CreateEntry(CreditBalance balance, long started)
    {
        var duration = balance.Version is null ? _options.UnversionedCacheDuration : _options.CacheDuration;
        if (balance.HoldExpiresIn is { } holdExpiresIn && holdExpiresIn < duration)
        {
            duration = holdExpiresIn;
        }

        return new CreditEntry(balance, started, started + (long)(duration.TotalSeconds * time.TimestampFrequency));
    }

    /// <summary>Returns the entry as the last known value of an unreachable store, or nothing if it is too old.</summary>
    public CreditReadResult ToStale(CreditEntry entry)
    {
        var age = time.GetElapsedTime(entry.LoadStarted);
        age = age > TimeSpan.Zero ? age : TimeSpan.Zero;
        return age <= _options.MaxStaleness ? CreditReadResult.Stale(entry.Balance, age) : CreditReadResult.Unavailable;
    }
}
