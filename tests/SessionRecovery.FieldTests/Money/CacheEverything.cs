using Microsoft.AspNetCore.OutputCaching;

namespace SessionRecovery.FieldTests.Money;

/// <summary>An output-cache policy that also caches the responses to signed-in users, as a host may configure it.</summary>
internal sealed class CacheEverything : IOutputCachePolicy
{
    public ValueTask CacheRequestAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        context.EnableOutputCaching = true;
        context.AllowCacheLookup = true;
        context.AllowCacheStorage = true;
        context.AllowLocking = true;
        return ValueTask.CompletedTask;
    }

    public ValueTask ServeFromCacheAsync(OutputCacheContext context, CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask ServeResponseAsync(OutputCacheContext context, CancellationToken cancellation)
    {
        context.AllowCacheStorage = true;
        return ValueTask.CompletedTask;
    }
}
