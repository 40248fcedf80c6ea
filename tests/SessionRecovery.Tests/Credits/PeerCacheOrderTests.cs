using FluentAssertions;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using ZiggyCreatures.Caching.Fusion;

namespace SessionRecovery.Tests.Credits;

/// <summary>
/// Runs the same interleavings on general-purpose caches, which keep the old balance. These tests justify the ordered cache, and show that
/// the tests in <see cref="CacheOrderTests"/> can fail. If one of these tests fails, a general-purpose cache now supports the order, and
/// the ordered cache may no longer be necessary.
/// </summary>
[TestFixture]
internal sealed class PeerCacheOrderTests
{
    [TestCase("remove")]
    [TestCase("set")]
    public async Task HybridCache_keeps_the_old_value_after_a_concurrent_change(string change)
    {
        var services = new ServiceCollection();
        services.AddHybridCache();
        await using var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredService<HybridCache>();
        var (arrived, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());

        var slow = cache.GetOrCreateAsync("credits:ann", async _ =>
        {
            arrived.SetResult();
            await goOn.Task;
            return 100L;
        }).AsTask();
        await arrived.Task;
        await (change == "remove" ? cache.RemoveAsync("credits:ann") : cache.SetAsync("credits:ann", 95L));
        goOn.SetResult();
        await slow;

        (await cache.GetOrCreateAsync("credits:ann", _ => ValueTask.FromResult(95L))).Should().Be(100L);
    }

    [TestCase("remove")]
    [TestCase("set")]
    public async Task FusionCache_keeps_the_old_value_after_a_concurrent_change(string change)
    {
        using var cache = new FusionCache(new FusionCacheOptions());
        var (arrived, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());

        var slow = cache.GetOrSetAsync<long>("credits:ann", async (_, _) =>
        {
            arrived.SetResult();
            await goOn.Task;
            return 100L;
        }).AsTask();
        await arrived.Task;
        await (change == "remove" ? cache.RemoveAsync("credits:ann") : cache.SetAsync("credits:ann", 95L));
        goOn.SetResult();
        await slow;

        (await cache.GetOrSetAsync<long>("credits:ann", (_, _) => Task.FromResult(95L))).Should().Be(100L);
    }
}
