using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Distributed;

namespace SessionRecovery.AspNetCore.Tests.Hosting;

/// <summary>
/// A distributed cache that several hosts share, and that keeps its content after these hosts stop. Tests can read its keys.
/// </summary>
internal sealed class SharedCache : IDistributedCache
{
    private readonly ConcurrentDictionary<string, byte[]> _values = new(StringComparer.Ordinal);

    private readonly TaskCompletionSource _hangs = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets a task that completes when a call to the cache blocks for the first time.</summary>
    public Task Hangs => _hangs.Task;

    public ICollection<string> Keys => _values.Keys;

    /// <summary>Gets or sets a value that indicates whether asynchronous reads never complete.</summary>
    public bool ReadsHang { get; set; }

    /// <summary>Gets or sets a value that indicates whether asynchronous writes never complete.</summary>
    public bool WritesHang { get; set; }

    public byte[]? Get(string key) => _values.GetValueOrDefault(key);

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        if (ReadsHang)
        {
            _hangs.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
        }

        return Get(key);
    }

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => _values[key] = value;

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        if (WritesHang)
        {
            _hangs.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
        }

        Set(key, value, options);
    }

    public void Refresh(string key)
    {
    }

    public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

    public void Remove(string key) => _values.TryRemove(key, out _);

    public Task RemoveAsync(string key, CancellationToken token = default)
    {
        Remove(key);
        return Task.CompletedTask;
    }
}
