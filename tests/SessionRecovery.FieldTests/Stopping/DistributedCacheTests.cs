using System.Diagnostics;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.Warming;

namespace SessionRecovery.FieldTests.Stopping;

/// <summary>Tests that a host whose store cannot record active users hands over the users through its distributed cache.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class DistributedCacheTests
{
    private readonly CountingReader _reader = new();

    [Test]
    public async Task Redis_hands_users_over()
    {
        using var redis = await RedisServer.StartAsync();

        await ShouldHandOverAsync(services => services.AddStackExchangeRedisCache(options => options.Configuration = redis.Configuration));
    }

    [Test]
    public async Task A_killed_Redis_delays_neither_stop_nor_start()
    {
        using var redis = await RedisServer.StartAsync();
        void AddCache(IServiceCollection services) =>
            services.AddStackExchangeRedisCache(options => options.Configuration = redis.Configuration);
        using var first = await ReaderHost.StartAsync(_reader, AddCache);
        await first.Warmer.WarmAsync();
        await first.ReadAsync("ann");
        redis.Kill();

        var started = Stopwatch.GetTimestamp();
        await first.StopAsync();
        using var next = await ReaderHost.StartAsync(_reader, AddCache);
        (await next.Warmer.WarmAsync()).Outcome.Should().Be(CacheWarmingOutcome.Skipped);
        await next.StopAsync();

        Stopwatch.GetElapsedTime(started).Should().BeLessThan(TimeSpan.FromSeconds(15), "each call is given up after a second");
    }

    private async Task ShouldHandOverAsync(Action<IServiceCollection> addCache)
    {
        using (var first = await ReaderHost.StartAsync(_reader, addCache))
        {
            (await first.ReadAsync("ann")).Should().Be(7);
            await first.StopAsync();
        }

        using var next = await ReaderHost.StartAsync(_reader, addCache);
        (await next.Warmer.WarmAsync()).Filled.Should().Be(1);
        (await next.ReadAsync("ann")).Should().Be(7);
        await next.StopAsync();

        _reader.Reads.Should().Be(2, "the read after the warm-up is served from the cache");
    }
}
