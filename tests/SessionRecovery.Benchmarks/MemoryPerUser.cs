using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using SessionRecovery.Sessions;

namespace SessionRecovery.Benchmarks;

/// <summary>Measures the memory per cached user, including the 36 characters of the id.</summary>
internal static class MemoryPerUser
{
    // The number of users is below half of the cache's default limit, so that no user is evicted while the cache fills.
    private const int Users = 40_000;

    public static async Task<IReadOnlyList<Row>> RunAsync()
    {
        var ours = await MeasureAsync(static async (caches, _, id) => await caches.Ours.ReadAsync(new UserSession(UserId.Create(id))));
        var memory = await MeasureAsync(
            static async (caches, store, id) => caches.Memory.Set(id, await store.ReadBalanceAsync(CancellationToken.None)));
        var hybrid = await MeasureAsync(static async (caches, store, id) =>
            await caches.Hybrid.GetOrCreateAsync(id, store, static (store, stop) => store.ReadBalanceAsync(stop)));
        return
        [
            new("memory per cached user", Row.Text($"{ours:0} B"), Row.Text($"IMemoryCache: {memory:0} B"),
                Row.Text($"{ours / memory:0.00}"), "≤ 300 B", ours <= 300),
            new("memory per cached user", Row.Text($"{ours:0} B"), Row.Text($"HybridCache: {hybrid:0} B"),
                Row.Text($"{ours / hybrid:0.00}"), "-", null),
        ];
    }

    private static async Task<double> MeasureAsync(Func<Caches, CountingStore, string, Task> cache)
    {
        var store = new CountingStore(TimeSpan.Zero, TimeProvider.System);
        using var caches = new Caches(store);
        await cache(caches, store, Guid.NewGuid().ToString());
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Users; i++)
        {
            await cache(caches, store, Guid.NewGuid().ToString());
        }

        var after = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(caches);
        return (double)(after - before) / Users;
    }
}
