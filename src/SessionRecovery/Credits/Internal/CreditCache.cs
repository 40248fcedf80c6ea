using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using SessionRecovery.Resilience.Internal;
using SessionRecovery.Sessions;

namespace SessionRecovery.Credits.Internal;

/// <summary>Holds the slots of all users, up to a maximum count, and decides for how long a value is current or usable.</summary>
internal sealed class CreditCache(IOptions<CreditOptions> options, TimeProvider time, ICreditStore? ledger = null)
{
    // The keys are the values of user ids, because a dictionary hashes a string faster than a struct that contains one.
    private readonly BoundedMap<string, CreditSlot> _slots = new(options.Value.MaxCachedUsers);
    private readonly BoundedMap<string, CreditSlotVariants> _variants = new(options.Value.MaxCachedUsers);
    private readonly bool _hasLedger = ledger is not null;
    private readonly long _duration = ToTimestamp(options.Value.CacheDuration, time);
    private readonly long _unversionedDuration = ToTimestamp(options.Value.UnversionedCacheDuration, time);
    private readonly CreditOptions _options = options.Value;
    private int _period = 1;

    public long Now => time.GetTimestamp();

    /// <summary>Gets the number of the current activity period.</summary>
    public int Period => Volatile.Read(ref _period);

    /// <summary>Returns the slot of a user, for commands and for sessions without properties.</summary>
    public CreditSlot GetSlot(UserId user) => _slots.GetOrAdd(user.Value, static () => new CreditSlot());

    public CreditSlot GetSlot(UserSession session)
    {
        if (GetVariant(session) is not { } variant)
        {
            return GetSlot(session.User);
        }

        while (true)
        {
            if (TryFind(session, out var slot))
            {
                return slot;
            }

            _variants.GetOrAdd(session.User.Value, static () => CreditSlotVariants.Empty);
            _variants.Replace(session.User.Value, variants => variants.Add(variant));
        }
    }

    public bool TryFind(UserSession session, [NotNullWhen(true)] out CreditSlot? slot) => GetVariant(session) is { } variant
        ? TryFindVariant(session.User, variant, out slot)
        : _slots.TryGet(session.User.Value, out slot);

    /// <summary>
    /// Returns the key of the session's properties, for example of the tenant, if balances depend on these properties. A user then has one
    /// slot for each key. Returns <see langword="null"/> if the host has a ledger, because a ledger has one account per user id.
    /// </summary>
    public string? GetVariant(UserSession session) => session.PropertiesKey is { } variant && !_hasLedger ? variant : null;

    /// <summary>Returns whether the slot is still the current slot of the session and was neither invalidated nor evicted.</summary>
    public bool IsCurrent(UserSession session, CreditSlot slot) => TryFind(session, out var current) && ReferenceEquals(current, slot);

    /// <summary>Returns a value that indicates whether the cached balance may be returned without a store read.</summary>
    public bool IsFresh(CreditEntry entry)
    {
        if (entry is ExpiredCreditEntry)
        {
            return false;
        }

        var balance = entry.Balance;
        var duration = balance.Version is null ? _unversionedDuration : _duration;
        if (balance.HoldExpiresIn is { } holdExpiresIn)
        {
            duration = Math.Min(duration, ToTimestamp(holdExpiresIn, time));
        }

        return Now < entry.LoadStarted + duration;
    }

    /// <summary>
    /// Stores the balance that a command returned. If the slot was invalidated or evicted during the command, the balance is stored as
    /// expired in the current slot, because a later change may have caused the invalidation.
    /// </summary>
    public void Take(UserId user, CreditSlot slot, CreditBalance balance, long started)
    {
        slot.Offer(new CurrentCreditEntry(balance, started));
        if (balance.Version is not null && !_slots.Holds(user.Value, slot))
        {
            GetSlot(user).Offer(new ExpiredCreditEntry(balance, started));
        }
    }

    /// <summary>Marks the slot's user as active in the current activity period.</summary>
    public void MarkActive(CreditSlot slot) => slot.ActivePeriod = Period;

    /// <summary>Ends the current activity period, and returns the number of the ended period.</summary>
    public int BeginPeriod() => Interlocked.Increment(ref _period) - 1;

    /// <summary>Returns the users who were active in an activity period or later. The users of the latest period come first.</summary>
    public List<UserId> GetUsers(int sincePeriod, int limit) =>
    [
        .. _slots.Enumerate()
            .Where(pair => pair.Value.ActivePeriod >= sincePeriod)
            .OrderByDescending(static pair => pair.Value.ActivePeriod)
            .Select(static pair => pair.Key)
            .Distinct(StringComparer.Ordinal)
            .Take(limit)
            .Select(UserId.Create),
    ];

    public void Invalidate(UserId user) => Replace(user, static slot => slot.CreateExpired());

    public void Forget(UserId user) => Replace(user, static slot => slot.CreateEmpty());

    /// <summary>
    /// Returns the cached balance as stale, because the store is unreachable. Returns no balance if the cached balance is too old.
    /// </summary>
    public CreditReadResult ToStale(CreditEntry entry)
    {
        var age = time.GetElapsedTime(entry.LoadStarted);
        age = age > TimeSpan.Zero ? age : TimeSpan.Zero;
        return age <= _options.MaxStaleness ? CreditReadResult.Stale(entry.Balance, age) : CreditReadResult.Unavailable;
    }

    private static long ToTimestamp(TimeSpan duration, TimeProvider time) => (long)(duration.TotalSeconds * time.TimestampFrequency);

    private bool TryFindVariant(UserId user, string variant, [NotNullWhen(true)] out CreditSlot? slot)
    {
        slot = _variants.TryGet(user.Value, out var variants) ? variants.Find(variant) : null;
        return slot is not null;
    }

    private void Replace(UserId user, Func<CreditSlot, CreditSlot> replace)
    {
        _slots.Replace(user.Value, replace);
        _variants.Replace(user.Value, variants => variants.Replace(replace));
    }
}
