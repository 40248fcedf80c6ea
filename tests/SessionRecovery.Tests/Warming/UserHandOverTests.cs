using System.Text;
using FluentAssertions;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Tests.Hosting;
using SessionRecovery.Warming;
using SessionRecovery.Warming.Internal;

namespace SessionRecovery.Tests.Warming;

/// <summary>
/// Tests that users who only read count as active, and that a stopping host hands over its active users to the next start.
/// </summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class UserHandOverTests : IAsyncDisposable
{
    private static readonly UserSession Bob = new(UserId.Create("bob"), AccessToken.Create("token-of-bob"));

    private readonly ScriptedCache _cache = new();
    private readonly List<CoreHost> _hosts = [];

    [Test]
    public async Task A_user_who_only_reads_is_recorded_within_a_minute()
    {
        var store = new RecordingSource();
        var host = await StartAsync(store);
        await host.Credits.ReadAsync(CoreHost.Ann);

        host.Time.Advance(TimeSpan.FromMinutes(1));

        await store.RecordedAsync(1);
        store.Records.Should().ContainSingle().Which.Should().Equal(CoreHost.Ann.User);
    }

    [Test]
    public async Task A_user_served_from_the_cache_is_recorded_again()
    {
        var store = new RecordingSource();
        var host = await StartAsync(store, configure: static options => options.CacheDuration = TimeSpan.FromHours(1));
        await host.Credits.ReadAsync(CoreHost.Ann);
        host.Time.Advance(TimeSpan.FromMinutes(1));
        await store.RecordedAsync(1);
        await host.Credits.ReadAsync(CoreHost.Ann);

        host.Time.Advance(TimeSpan.FromMinutes(1));

        await store.RecordedAsync(2);
        host.Store.Reads.Should().Be(1);
    }

    [Test]
    public async Task A_minute_without_requests_records_nothing()
    {
        var store = new RecordingSource { Users = [CoreHost.Ann.User] };
        var host = await StartAsync(store);
        await host.Get<ICacheWarmer>().WarmAsync();

        host.Time.Advance(TimeSpan.FromMinutes(1));
        await host.Credits.ReadAsync(Bob);
        host.Time.Advance(TimeSpan.FromMinutes(1));

        await store.RecordedAsync(1);
        store.Records.Should().ContainSingle("a warmed user is not active").Which.Should().Equal(Bob.User);
    }

    [Test]
    public async Task A_failed_record_is_repeated_with_the_next_one()
    {
        var store = new RecordingSource { Failures = 1 };
        var host = await StartAsync(store);
        await host.Credits.ReadAsync(CoreHost.Ann);
        host.Time.Advance(TimeSpan.FromMinutes(1));
        await store.AttemptedAsync(1);
        await host.Credits.ReadAsync(Bob);

        host.Time.Advance(TimeSpan.FromMinutes(1));

        await store.RecordedAsync(1);
        store.Records.Single().Should().Equal(Bob.User, CoreHost.Ann.User);
    }

    [Test]
    public async Task A_record_is_limited_like_a_warm_up()
    {
        var store = new RecordingSource();
        var host = await StartAsync(store);
        for (var user = 0; user < 60; user++)
        {
            await host.Credits.ReadAsync(new UserSession(UserId.Create($"user-{user}")));
        }

        host.Time.Advance(TimeSpan.FromMinutes(1));

        await store.RecordedAsync(1);
        store.Records.Single().Should().HaveCount(50).And.OnlyHaveUniqueItems();
    }

    [Test]
    public async Task A_stop_hands_the_present_users_to_the_store()
    {
        var store = new RecordingSource();
        var host = await StartAsync(store, _cache);
        await host.Credits.ReadAsync(CoreHost.Ann);
        await host.Credits.ReadAsync(Bob);
        host.Credits.Forget(Bob.User);

        await StopAsync(host);

        store.Records.Should().ContainSingle().Which.Should().BeEquivalentTo([CoreHost.Ann.User], "the other user signed out");
        _cache.Values.Should().BeEmpty("the store has the users");
    }

    [Test]
    public async Task A_stop_hands_the_users_to_the_distributed_cache()
    {
        var host = await StartAsync(source: null, _cache);
        await host.Credits.ReadAsync(CoreHost.Ann);

        await StopAsync(host);

        var (key, value) = _cache.Values.Should().ContainSingle().Which;
        key.Should().StartWith("session-recovery:active-users");
        Encoding.UTF8.GetString(value).Should().Be("[\"ann\"]", "the cache contains no secret");
        _cache.Expiry!.AbsoluteExpirationRelativeToNow.Should().Be(TimeSpan.FromHours(24));
    }

    [Test]
    public async Task An_in_memory_cache_gets_no_users()
    {
        // The test keeps the cache after the stop of the host. In a real process, the in-memory cache would be lost.
        var cache = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));
        var first = await StartAsync(source: null, cache);
        await first.Credits.ReadAsync(CoreHost.Ann);
        await StopAsync(first);

        var next = await StartAsync(source: null, cache);

        (await next.Get<ICacheWarmer>().WarmAsync()).Users.Should().Be(0);
    }

    [Test]
    public async Task The_cache_replaces_a_store_that_fails_at_the_stop()
    {
        var host = await StartAsync(new RecordingSource { Failures = 1 }, _cache);
        await host.Credits.ReadAsync(CoreHost.Ann);

        await StopAsync(host);

        _cache.Values.Should().ContainSingle();
    }

    [Test]
    public async Task The_next_start_warms_the_handed_over_users_first()
    {
        await HandOverAsync(CoreHost.Ann, Bob);
        var source = new RecordingSource { Users = [UserId.Create("eve"), CoreHost.Ann.User], CanReadUsers = true };
        var next = await StartAsync(source, _cache, static options => options.CacheDuration = TimeSpan.FromHours(1));

        var result = await next.Get<ICacheWarmer>().WarmAsync();

        result.Should().Match<CacheWarmingResult>(r => r.Outcome == CacheWarmingOutcome.Completed && r.Users == 3 && r.Filled == 3);
        source.Calls.Should().HaveCount(2).And.HaveElementAt(1, "active");
        source.Calls[0].Split(',').Should().BeEquivalentTo("ann", "bob");
        await next.Credits.ReadAsync(Bob);
        next.Store.Reads.Should().Be(0);
    }

    [Test]
    public async Task The_reader_helps_a_source_without_given_users()
    {
        await HandOverAsync(CoreHost.Ann, Bob);
        var next = await StartAsync(new RecordingSource(), _cache);

        (await next.Get<ICacheWarmer>().WarmAsync()).Filled.Should().Be(2);

        next.Store.Reads.Should().Be(2);
    }

    [Test]
    public async Task Users_are_handed_over_once()
    {
        await HandOverAsync(CoreHost.Ann);
        var crashing = await StartAsync(source: null, _cache);
        (await crashing.Get<ICacheWarmer>().WarmAsync()).Filled.Should().Be(1);

        var next = await StartAsync(source: null, _cache);

        (await next.Get<ICacheWarmer>().WarmAsync()).Should().Match<CacheWarmingResult>(
            r => r.Outcome == CacheWarmingOutcome.Skipped && r.Users == 0, "after a crash, an old list is out of date");
    }

    [Test]
    public async Task A_broken_cache_delays_neither_stop_nor_start()
    {
        _cache.Fault = static () => throw new IOException("The cache is down.");
        var host = await StartAsync(new RecordingSource { Failures = int.MaxValue, Users = [Bob.User] }, _cache);
        await host.Credits.ReadAsync(CoreHost.Ann);

        (await host.Get<ICacheWarmer>().WarmAsync()).Should().Match<CacheWarmingResult>(
            r => r.Outcome == CacheWarmingOutcome.Completed && r.Filled == 1);
        await StopAsync(host);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_cache_that_hangs_is_given_up(bool blocksTheThread)
    {
        using var blocked = new ManualResetEventSlim();
        _cache.Fault = blocksTheThread
            ? () =>
            {
                blocked.Wait();
                return Task.CompletedTask;
            }
            : static () => new TaskCompletionSource().Task;
        var host = await StartAsync(new RecordingSource { Failures = int.MaxValue, Users = [Bob.User] }, _cache);
        await host.Credits.ReadAsync(CoreHost.Ann);

        var warming = host.Get<ICacheWarmer>().WarmAsync().AsTask();
        await host.AdvanceUntilAsync(warming);
        await host.AdvanceUntilAsync(StopAsync(host));

        (await warming).Filled.Should().Be(1, "the warm-up goes on within its time budget");
        blocked.Set();
    }

    [Test]
    public async Task A_store_that_hangs_at_the_stop_is_given_up()
    {
        var host = await StartAsync(new RecordingSource { Hangs = true });
        await host.Credits.ReadAsync(CoreHost.Ann);

        await host.AdvanceUntilAsync(StopAsync(host));

        host.Time.GetUtcNow().Should().BeAfter(new DateTimeOffset(2026, 1, 1, 0, 0, 1, TimeSpan.Zero));
    }

    [TestCase("")]
    [TestCase("not JSON")]
    [TestCase("{\"user\":\"ann\"}")]
    [TestCase("[null, \"\", \"\\u0000\"]")]
    public async Task A_foreign_value_in_the_cache_is_ignored(string value)
    {
        await HandOverAsync(CoreHost.Ann);
        _cache.Values[_cache.Values.Keys.Single()] = Encoding.UTF8.GetBytes(value);
        var next = await StartAsync(new RecordingSource { Users = [Bob.User] }, _cache);

        (await next.Get<ICacheWarmer>().WarmAsync()).Should().Match<CacheWarmingResult>(
            r => r.Outcome == CacheWarmingOutcome.Completed && r.Filled == 1);
    }

    [Test]
    public async Task A_disabled_warm_up_hands_no_users_over()
    {
        var store = new RecordingSource();
        var host = await StartAsync(store, _cache, isEnabled: false);
        await host.Credits.ReadAsync(CoreHost.Ann);

        await StopAsync(host);

        store.Records.Should().BeEmpty();
        _cache.Values.Should().BeEmpty();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.DisposeAsync();
        }
    }

    private static async Task StopAsync(CoreHost host)
    {
        var service = host.All<IHostedService>().OfType<ActiveUserRecorder>().Single();
        await service.StoppingAsync(CancellationToken.None);
        await service.StopAsync(CancellationToken.None);
    }

    private async Task HandOverAsync(params UserSession[] users)
    {
        var host = await StartAsync(source: null, _cache);
        foreach (var user in users)
        {
            await host.Credits.ReadAsync(user);
        }

        await StopAsync(host);
    }

    private async Task<CoreHost> StartAsync(
        RecordingSource? source, IDistributedCache? cache = null, Action<CreditOptions>? configure = null, bool isEnabled = true)
    {
        CoreHost host = null!;
        host = new CoreHost(configure, builder =>
        {
            builder.Services.Configure<WarmingOptions>(options => options.Enabled = isEnabled);
            if (source is not null)
            {
                builder.Services.AddSingleton<IActiveUserSource>(source);
            }

            if (cache is not null)
            {
                builder.Services.AddSingleton(cache);
            }

            builder.UseCreditStore<ScriptedStore>();
        });
        host.Store.Read = _ => CreditReadResult.Current(host.Balance(100, version: 1));
        if (source is not null)
        {
            source.CreateBalance = () => host.Balance(100, version: 1);
        }

        _hosts.Add(host);
        await host.All<IHostedService>().OfType<ActiveUserRecorder>().Single().StartAsync(CancellationToken.None);
        return host;
    }
}
