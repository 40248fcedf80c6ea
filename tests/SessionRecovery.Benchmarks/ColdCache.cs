using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using SessionRecovery.Sessions;

namespace SessionRecovery.Benchmarks;

/// <summary>
/// Counts the store reads that 10,000 concurrent requests of 1,000 users cause, first with an empty cache and then after a warm-up.
/// </summary>
internal static class ColdCache
{
    private const int Users = 1_000;
    private const int Requests = 10_000;

    public static async Task<IReadOnlyList<Row>> RunAsync()
    {
        var ids = Enumerable.Range(0, Users).Select(static _ => Guid.NewGuid().ToString()).ToArray();
        var sessions = ids.Select(static id => new UserSession(UserId.Create(id))).ToArray();

        var cold = await CountAsync((caches, _, user) => caches.Ours.ReadAsync(sessions[user]).AsTask());
        var warm = await CountAsync((caches, _, user) => caches.Ours.ReadAsync(sessions[user]).AsTask(), async (caches, store) =>
        {
            store.Active = [.. sessions.Select(static session => session.User)];
            await caches.Warmer.WarmAsync();
        });
        var hybrid = await CountAsync((caches, store, user) =>
            caches.Hybrid.GetOrCreateAsync("h:" + ids[user], store, static (store, stop) => store.ReadBalanceAsync(stop)).AsTask());
        var memory = await CountAsync((caches, store, user) =>
            caches.Memory.GetOrCreateAsync("m:" + ids[user], _ => store.ReadBalanceAsync(CancellationToken.None).AsTask()));
        const string What = "store reads: 10,000 requests, 1,000 users, cold cache";
        return
        [
            new(What, Row.Text($"{cold}"), Row.Text($"IMemoryCache.GetOrCreateAsync: {memory}"), Row.Text($"{(double)cold / memory:0.00}"),
                "≤ 1,000", cold <= Users),
            new(What, Row.Text($"{cold}"), Row.Text($"HybridCache: {hybrid}"), Row.Text($"{(double)cold / hybrid:0.00}"), "-", null),
            new("the same after a warm-up (one call to the store)", Row.Text($"{warm}"), Row.Text($"HybridCache: {hybrid}"),
                Row.Text($"{(double)warm / hybrid:0.00}"), "0", warm == 0),
        ];
    }

    private static async Task<int> CountAsync(
        Func<Caches, CountingStore, int, Task> read, Func<Caches, CountingStore, Task>? prepare = null)
    {
        var store = new CountingStore(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        using var caches = new Caches(store);
        if (prepare is not null)
        {
            await prepare(caches, store);
        }

        var requests = Enumerable.Range(0, Requests).Select(number => Task.Run(() => read(caches, store, number % Users))).ToArray();
        await Task.WhenAll(requests);
        return store.Reads;
    }
}
