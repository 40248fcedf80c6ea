using System.Collections.Concurrent;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Files.Internal;

/// <summary>
/// The uploads with an idempotency key that this process receives at the moment, so that a repeat does not run beside them.
/// </summary>
internal sealed class RunningUploads
{
    private readonly ConcurrentDictionary<(UserId User, string Key), byte> _running = new();

    /// <summary>Begins an upload; <see langword="null"/> if one with the same key runs. The caller disposes the result.</summary>
    public IDisposable? TryBegin(UserId user, string key) => _running.TryAdd((user, key), 0) ? new Upload(this, user, key) : null;

    private sealed class Upload(RunningUploads uploads, UserId user, string key) : IDisposable
    {
        public void Dispose() => uploads._running.TryRemove((user, key), out _);
    }
}
