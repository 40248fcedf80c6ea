using Microsoft.Extensions.Hosting;
using SessionRecovery.Warming;

namespace SessionRecovery.AspNetCore.Warming.Internal;

/// <summary>Warms up the cache once after the start. The warm-up does not delay the start.</summary>
internal sealed class CacheWarmingService(ICacheWarmer? warmer = null) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (warmer is null)
        {
            return;
        }

        try
        {
            await warmer.WarmAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stopped before the warm-up had ended.
        }
    }
}
