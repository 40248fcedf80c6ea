using System.Diagnostics;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using ZiggyCreatures.Caching.Fusion;

namespace SessionRecovery.Benchmarks;

/// <summary>
/// Measures reads of a cached balance. The result is the best of several interleaved rounds, and the allocated bytes per read.
/// </summary>
internal static class CachedReads
{
    private const int Rounds = 25;
    private const int Reads = 100_000;

    public static async Task<IReadOnlyList<Row>> RunAsync()
    {
        var store = new CountingStore(TimeSpan.Zero, TimeProvider.System);
        using var caches = new Caches(store);
        var id = Guid.NewGuid().ToString();
        var session = new UserSession(UserId.Create(id));
        var (ours, memory, hybrid, fusion) = (caches.Ours, caches.Memory, caches.Hybrid, caches.Fusion);

        // Each cache uses its own key, because the caches may share the host's IMemoryCache.
        var (memoryKey, hybridKey, fusionKey) = ("m:" + id, "h:" + id, "f:" + id);
        var balance = await store.ReadBalanceAsync(CancellationToken.None);
        memory.Set(memoryKey, balance);
        await hybrid.SetAsync(hybridKey, balance);
        await fusion.SetAsync(fusionKey, balance, TimeSpan.FromHours(1));
        _ = await ours.ReadAsync(session);

        Contender[] contenders =
        [
            new("ours", () => Completed(ours.ReadAsync(session)).Balance!.Available),
            new("IMemoryCache.TryGetValue", () => memory.TryGetValue(memoryKey, out CreditBalance? found) ? found!.Available : 0),
            new("HybridCache", () =>
                Completed(hybrid.GetOrCreateAsync(hybridKey, store, static (store, stop) => store.ReadBalanceAsync(stop))).Available),
            new("FusionCache.TryGet", () => fusion.TryGet<CreditBalance>(fusionKey).Value.Available),
        ];
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var contender in contenders)
            {
                contender.Run(Reads);
            }
        }

        var mine = contenders[0];
        return
        [
            .. contenders[1..].Select(peer => new Row(
                "cached balance read",
                Row.Text($"{mine.Nanoseconds:0.0} ns, {mine.Bytes:0} B"),
                Row.Text($"{peer.Name}: {peer.Nanoseconds:0.0} ns, {peer.Bytes:0} B"),
                Row.Text($"{mine.Nanoseconds / peer.Nanoseconds:0.00}"),
                peer.Name == "HybridCache" ? "≤ 0.95 and 0 B" : "-",
                peer.Name == "HybridCache" ? mine.Nanoseconds <= 0.95 * peer.Nanoseconds && mine.Bytes < 0.5 : null)),
        ];
    }

    private static T Completed<T>(ValueTask<T> read) =>
        read.IsCompletedSuccessfully ? read.Result : throw new InvalidOperationException("A read went past the cache.");

    private sealed class Contender(string name, Func<long> read)
    {
        public string Name => name;

        public double Nanoseconds { get; private set; } = double.MaxValue;

        public double Bytes { get; private set; } = double.MaxValue;

        public void Run(int count)
        {
            var sum = 0L;
            var bytes = GC.GetAllocatedBytesForCurrentThread();
            var started = Stopwatch.GetTimestamp();
            for (var i = 0; i < count; i++)
            {
                sum += read();
            }

            var elapsed = Stopwatch.GetElapsedTime(started);
            bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
            if (sum != 100L * count)
            {
                throw new InvalidOperationException($"{name} read a wrong balance.");
            }

            Nanoseconds = Math.Min(Nanoseconds, elapsed.TotalNanoseconds / count);
            Bytes = Math.Min(Bytes, (double)bytes / count);
        }
    }
}
