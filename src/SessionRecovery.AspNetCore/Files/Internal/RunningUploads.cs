using System.Collections.Concurrent;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Files.Internal;

/// <summary>
/// Tracks the uploads with an idempotency key that this process is receiving. While an upload is running, a repeated upload with the same
/// key is rejected.
/// </summary>
internal sealed class RunningUploads
{
    private readonly ConcurrentDictionary<(UserId User, string Key), byte> _running = new();

    /// <summary>
    /// Registers an upload. Returns <see langword="null"/> if an upload of the same user with the same key is running. The caller must
    /// dispose the result.
    /// </summary>
    public IDisposable? TryBegin(UserId user, string key) => _running.TryAdd((user, key), 0) ? new Upload(this, user, key) : null;

    private sealed class Upload(RunningUploads uploads, UserId user, string key) : IDisposable
    {
        public void Dispose() => uploads._running.TryRemove((user, key), out _);
    }
}
