using Microsoft.Extensions.Caching.Distributed;

namespace SessionRecovery.Tests.Warming;

/// <summary>A distributed cache in memory whose calls a test can delay or fail.</summary>
internal sealed class ScriptedCache : IDistributedCache
{
    public Dictionary<string, byte[]> Values { get; } = [];

    /// <summary>Gets or sets a callback that runs at the beginning of each call.</summary>
    public Func<Task> Fault { get; set; } = static () => Task.CompletedTask;

    public DistributedCacheEntryOptions? Expiry { get; private set; }

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        await Fault();
        return Values.GetValueOrDefault(key);
    }

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        await Fault();
        Values[key] = value;
        Expiry = options;
    }

    public async Task RemoveAsync(string key, CancellationToken token = default)
    {
        await Fault();
        Values.Remove(key);
    }

    public byte[]? Get(string key) => throw new NotSupportedException();

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException();

    public void Refresh(string key) => throw new NotSupportedException();

    public Task RefreshAsync(string key, CancellationToken token = default) => throw new NotSupportedException();

    public void Remove(string key) => throw new NotSupportedException();
}
