using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using SessionRecovery.Resilience.Internal;
using SessionRecovery.Sessions;

namespace SessionRecovery.Credits.Internal;

/// <summary>
/// Contains the cache slots of all users, up to a maximum number of users. The cache decides how long a balance is current, and how long a
/// balance may be served as stale.
/// </summary>
internal sealed class CreditCache(IOptions<CreditOptions> options, TimeProvider time)
{
    private readonly BoundedMap<UserId, CreditSlot> _slots = new(options.Value.MaxCachedUsers);
    private readonly CreditOptions _options = options.Value;

    public long Now => time.GetTimestamp();

    public CreditSlot GetSlot(UserId user) => _slots.GetOrAdd(user, static () => new CreditSlot());

    public bool TryFind(UserId user, [NotNullWhen(true)] out CreditSlot? slot) => _slots.TryGet(user, out slot);

    /// <summary>
    /// Returns a value that indicates whether the slot is still the current slot of the user. A slot is replaced when it is invalidated or
    /// evicted.
    /// </summary>
    public bool IsCurrent(UserId user, CreditSlot slot) => _slots.TryGet(user, out var current) && ReferenceEquals(current, slot);

    /// <summary>Returns a value that indicates whether the cached balance may be served without a store read.</summary>
    public bool IsFresh(CreditEntry entry) => Now < entry.FreshUntil;

    /// <summary>
    /// Stores the balance that a command returned. If the slot was invalidated or evicted during the command, the balance is stored as
    /// expired in the current slot, because a later change may have caused the invalidation.
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

    public void Invalidate(UserId user) => _slots.Replace(user, static slot => slot.CreateExpired());

    public void Forget(UserId user) => _slots.Replace(user, static slot => slot.CreateEmpty());

    /// <summary>Creates a cache entry for a balance from a store call that began at <paramref name="started"/>.</summary>
    public CreditEntry CreateEntry(CreditBalance balance, long started)
    {
        var duration = balance.Version is null ? _options.UnversionedCacheDuration : _options.CacheDuration;
        if (balance.HoldExpiresIn is { } holdExpiresIn && holdExpiresIn < duration)
        {
            duration = holdExpiresIn;
        }

        return new CreditEntry(balance, started, started + (long)(duration.TotalSeconds * time.TimestampFrequency));
    }

    /// <summary>
    /// Returns the cached balance as stale, because the store is unreachable. Returns no balance if the cached balance is too old.
    /// </summary>
    public CreditReadResult ToStale(CreditEntry entry)
    {
        var age = time.GetElapsedTime(entry.LoadStarted);
        age = age > TimeSpan.Zero ? age : TimeSpan.Zero;
        return age <= _options.MaxStaleness ? CreditReadResult.Stale(entry.Balance, age) : CreditReadResult.Unavailable;
    }
}
