using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using SessionRecovery.Credits;
using SessionRecovery.Warming;
using ZiggyCreatures.Caching.Fusion;

namespace SessionRecovery.Benchmarks;

/// <summary>
/// Creates the cache of SessionRecovery and the caches of other libraries. All caches use the same store, and each has its usual
/// registration.
/// </summary>
internal sealed class Caches : IDisposable
{
    private readonly ServiceProvider _services;

    public Caches(CountingStore store)
    {
        var services = new ServiceCollection().AddLogging().AddMetrics();
        services.AddSingleton<ICreditReader>(store).AddSingleton<IActiveUserSource>(store);
        services.AddSessionRecoveryCore<NoTokenVerifier>().UseCreditReader<CountingStore>();
        services.Configure<CreditOptions>(static options => options.CacheDuration = TimeSpan.FromHours(1));
        services.Configure<WarmingOptions>(static options => options.MaxUsers = 10_000);
        services.AddMemoryCache();
        services.AddHybridCache();
        services.AddFusionCache();
        _services = services.BuildServiceProvider();
    }

    public ICreditService Ours => _services.GetRequiredService<ICreditService>();

    public ICacheWarmer Warmer => _services.GetRequiredService<ICacheWarmer>();

    public IMemoryCache Memory => _services.GetRequiredService<IMemoryCache>();

    public HybridCache Hybrid => _services.GetRequiredService<HybridCache>();

    public IFusionCache Fusion => _services.GetRequiredService<IFusionCache>();

    public void Dispose() => _services.Dispose();
}
