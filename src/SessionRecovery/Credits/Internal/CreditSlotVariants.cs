namespace SessionRecovery.Credits.Internal;

/// <summary>
/// The slots of one user whose sessions have properties, one per set of properties. A user has at most <see cref="MaxCount"/> of them.
/// Immutable, except for the slots. Invalidation replaces this object, as it replaces a single slot.
/// </summary>
internal sealed class CreditSlotVariants
{
    public const int MaxCount = 16;

    // The oldest is first. A user rarely has more than a few, so a search is faster than a dictionary.
    private readonly (string Key, CreditSlot Slot)[] _slots;

    private CreditSlotVariants((string Key, CreditSlot Slot)[] slots) => _slots = slots;

    public static CreditSlotVariants Empty { get; } = new([]);

    public CreditSlot? Find(string key)
    {
        foreach (var (existing, slot) in _slots)
        {
            if (string.Equals(existing, key, StringComparison.Ordinal))
            {
                return slot;
            }
        }

        return null;
    }

    /// <summary>
    /// Returns a copy that contains a slot for the key. If there are too many, the new slot replaces the oldest one and takes over its load
    /// interval. A user who changes the properties with every request therefore cannot cause any number of loads.
    /// </summary>
    public CreditSlotVariants Add(string key)
    {
        if (Find(key) is not null)
        {
            return this;
        }

        return _slots.Length < MaxCount
            ? new([.. _slots, (key, new CreditSlot())])
            : new([.. _slots.AsSpan(1), (key, _slots[0].Slot.CreateEmpty())]);
    }

    /// <summary>Returns a copy with a successor of each slot.</summary>
    public CreditSlotVariants Replace(Func<CreditSlot, CreditSlot> replace) =>
        new(Array.ConvertAll(_slots, entry => (entry.Key, replace(entry.Slot))));
}
