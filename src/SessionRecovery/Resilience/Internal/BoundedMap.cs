using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace SessionRecovery.Resilience.Internal;

/// <summary>
/// Represents a thread-safe map with a limited capacity, which evicts values that were not used recently. The map has a young and an old
/// generation, each with at most half the capacity. When the young generation is full, it becomes the old generation, and the previous old
/// generation is discarded. A lookup takes no lock and allocates nothing. The order of eviction is approximate.
/// </summary>
internal sealed class BoundedMap<TKey, TValue>
    where TKey : notnull
    where TValue : class
{
    private readonly Lock _gate = new();
    private readonly int _generationSize;
    private Generations _generations = new(new(), new());
    private int _youngCount;

    public BoundedMap(int capacity) => _generationSize = Math.Max(1, capacity / 2);

    public bool TryGet(TKey key, [NotNullWhen(true)] out TValue? value)
    {
        var generations = Volatile.Read(ref _generations);
        return generations.Young.TryGetValue(key, out value)
            || (generations.Old.TryGetValue(key, out value) && TryPromote(key, out value))
            || generations.Young.TryGetValue(key, out value);
    }

    /// <summary>
    /// Returns a value that indicates whether the map contains <paramref name="value"/>. The method waits for replacements that have
    /// already begun.
    /// </summary>
    public bool Holds(TKey key, TValue value)
    {
        lock (_gate)
        {
            return TryFind(key, out var current) && ReferenceEquals(current, value);
        }
    }

    public TValue GetOrAdd(TKey key, Func<TValue> create)
    {
        if (TryGet(key, out var value))
        {
            return value;
        }

        lock (_gate)
        {
            if (TryFind(key, out value))
            {
                return value;
            }

            value = create();
            Put(key, value);
            return value;
        }
    }

    /// <summary>Replaces the current value of a key atomically. The method does nothing if the key has no value.</summary>
    public TValue? Replace(TKey key, Func<TValue, TValue> replace)
    {
        lock (_gate)
        {
            if (!TryFind(key, out var current))
            {
                return null;
            }

            var value = replace(current);
            Put(key, value);
            return value;
        }
    }

    public void Set(TKey key, TValue value)
    {
        lock (_gate)
        {
            Put(key, value);
        }
    }

    public void Remove(TKey key)
    {
        lock (_gate)
        {
            if (_generations.Young.TryRemove(key, out _))
            {
                _youngCount--;
            }

            _generations.Old.TryRemove(key, out _);
        }
    }

    /// <summary>
    /// Enumerates the entries without a lock. An entry that is added, moved or removed during the enumeration may be missing or may be
    /// returned twice.
    /// </summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> Enumerate()
    {
        var generations = Volatile.Read(ref _generations);
        return generations.Young.Concat(generations.Old);
    }

    private bool TryPromote(TKey key, [NotNullWhen(true)] out TValue? value)
    {
        lock (_gate)
        {
            if (!TryFind(key, out value))
            {
                return false;
            }

            if (!_generations.Young.ContainsKey(key))
            {
                Put(key, value);
            }

            return true;
        }
    }

    private bool TryFind(TKey key, [NotNullWhen(true)] out TValue? value) =>
        _generations.Young.TryGetValue(key, out value) || _generations.Old.TryGetValue(key, out value);

    // A value is added to the young generation before it is removed from the old one. A concurrent reader that finds the value in neither
    // generation checks the young generation again (see TryGet).
    private void Put(TKey key, TValue value)
    {
        if (!_generations.Young.ContainsKey(key))
        {
            if (_youngCount >= _generationSize)
            {
                Volatile.Write(ref _generations, new Generations(new(), _generations.Young));
                _youngCount = 0;
            }

            _youngCount++;
        }

        _generations.Young[key] = value;
        _generations.Old.TryRemove(key, out _);
    }

    private sealed record Generations(ConcurrentDictionary<TKey, TValue> Young, ConcurrentDictionary<TKey, TValue> Old);
}
