using System.Collections.Concurrent;
using SessionRecovery.KeyRing;

namespace SessionRecovery.FieldTests.SignIn;

/// <summary>A key ring store that temporarily cannot be read.</summary>
internal sealed class FlakyKeyRingStore : IKeyRingStore
{
    private readonly ConcurrentQueue<KeyRingElement> _elements = new();
    private int _reads;

    public bool IsAway { get; set; }

    public int Reads => Volatile.Read(ref _reads);

    public ValueTask<IReadOnlyList<KeyRingElement>> ReadAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        return IsAway
            ? throw new HttpRequestException("Connection refused.")
            : ValueTask.FromResult<IReadOnlyList<KeyRingElement>>([.. _elements]);
    }

    public ValueTask AddAsync(KeyRingElement element, CancellationToken cancellationToken)
    {
        if (IsAway)
        {
            throw new HttpRequestException("Connection refused.");
        }

        _elements.Enqueue(element);
        return ValueTask.CompletedTask;
    }
}
