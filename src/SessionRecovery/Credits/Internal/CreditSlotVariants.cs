namespace SessionRecovery.Credits.Internal;

/// <summary>
/// Contains the slots of one user whose sessions have properties. Each set of properties has its own slot, and a user has at most <see
/// cref="MaxCount"/> slots. The list is immutable, but the slots are not. An invalidation replaces this object by a new object with new
/// slots.
/// </summary>
internal sealed class CreditSlotVariants
{
    public const int MaxCount = 16;

    // The oldest slot is first. A user rarely has more than a few slots, so a linear search is faster than a dictionary.
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
    /// Returns a copy that contains a slot for the given properties. If the user has the maximum number of slots, the new slot replaces the
    /// oldest slot. The new slot keeps the time of the oldest slot's last load, and this time delays the next load. Sessions that change
    /// their properties with every request therefore cannot cause an unlimited number of loads.
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

    /// <summary>Returns a copy in which a new slot replaces each slot, as after an invalidation.</summary>
    public CreditSlotVariants Replace(Func<CreditSlot, CreditSlot> replace) =>
        new(Array.ConvertAll(_slots, entry => (entry.Key, replace(entry.Slot))));
}
