using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace SessionRecovery.Resilience.Internal;

/// <summary>
/// A map that evicts values that were not used recently. It has two generations of at most half the capacity each; when the young one is
/// full, it replaces the old one, which is dropped. A lookup takes no lock and allocates nothing; the order of eviction is approximate.
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
    /// Returns whether the map holds <paramref name="value"/>. The result takes every replacement into account that has begun before.
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

    /// <summary>Replaces the current value atomically. Does nothing for a key without a value.</summary>
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

    /// <summary>Enumerates the values, without a lock. A value that is replaced meanwhile may be missing or be returned twice.</summary>
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

    // Add to the young generation before removing from the old one: a concurrent reader that misses both re-checks the young one (see
    // TryGet).
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
