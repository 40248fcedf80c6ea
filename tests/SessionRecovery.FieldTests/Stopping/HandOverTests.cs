using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.DependencyInjection;
using SessionRecovery.FieldTests.Hosting;
using SessionRecovery.Sessions;
using SessionRecovery.Warming;

namespace SessionRecovery.FieldTests.Stopping;

/// <summary>Tests that the users who are present at a stop are warmed by the next start.</summary>
[TestFixture]
internal sealed class HandOverTests : FieldTest
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Test]
    public async Task The_next_start_on_the_file_warms_a_user_who_only_read()
    {
        await StartAsync();
        await ReadAsync();
        await StartAsync();
        _time.Advance(TimeSpan.FromHours(25));
        await StartAsync();
        (await WarmUpAsync()).Users.Should().Be(0, "the user was last active a day ago");

        await ReadAsync();
        await StartAsync();

        (await WarmUpAsync()).Should().Match<CacheWarmingResult>(result => result.Users == 1 && result.Filled == 1);
    }

    [Test]
    public async Task The_file_lists_the_users_of_the_last_minute_after_a_crash()
    {
        await StartAsync();
        await ReadAsync();
        await StartAsync();
        _time.Advance(TimeSpan.FromHours(25));
        await ReadAsync();

        // Nothing is written when a process is killed, so that a next start finds what the source lists now.
        var source = Host.Services.GetRequiredService<IActiveUserSource>();
        await EventuallyAsync(async () =>
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            var since = _time.GetUtcNow() - TimeSpan.FromHours(24);
            return (await source.GetActiveUsersAsync(50, since, CancellationToken.None)).Count == 1;
        });
    }

    [Test]
    public async Task A_reader_without_a_source_gets_its_users_by_the_cache()
    {
        var cache = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));
        var reader = new CountingReader();
        using (var first = await StartReaderAsync(reader, cache))
        {
            await first.Services.GetRequiredService<ICreditService>().ReadAsync(new UserSession(UserId.Create("ann")));
            await first.StopAsync();
        }

        using var next = await StartReaderAsync(reader, cache);
        var warmer = next.Services.GetRequiredService<ICacheWarmer>();
        (await warmer.WarmAsync()).Filled.Should().Be(1);
        var balance = await next.Services.GetRequiredService<ICreditService>().ReadAsync(new UserSession(UserId.Create("ann")));
        await next.StopAsync();

        balance.Balance!.Available.Should().Be(7);
        reader.Reads.Should().Be(2, "the read after the warm-up is served from the cache");
    }

    private static async Task<IHost> StartReaderAsync(CountingReader reader, IDistributedCache cache)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
        builder.Services.AddSingleton(cache);
        builder.Services.AddSingleton(reader);
        builder.Services.AddSessionRecoveryCore<NoVerifier>(options =>
        {
            options.Credits.UnversionedCacheDuration = TimeSpan.FromMinutes(10);
        }).UseCreditReader<CountingReader>();
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private Task StartAsync() => StartAsync(
        static _ => { },
        configure: (builder, _) => builder.Services.AddSingleton<TimeProvider>(_time));

    private async Task ReadAsync()
    {
        var session = new UserSession(UserId.Create("ann"));
        (await Host.Services.GetRequiredService<ICreditService>().ReadAsync(session)).Balance!.Available.Should().Be(100);
    }

    private async Task<CacheWarmingResult> WarmUpAsync()
    {
        var warmer = Host.Services.GetRequiredService<ICacheWarmer>();
        await EventuallyAsync(() => Task.FromResult(warmer.LastResult is not null));
        return warmer.LastResult!;
    }

    /// <summary>A reader over a host's own table, which needs no access token.</summary>
    internal sealed class CountingReader : ICreditReader
    {
        private int _reads;

        public int Reads => Volatile.Read(ref _reads);

        public ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _reads);
            return new(CreditReadResult.Current(new CreditBalance(7, DateTimeOffset.UtcNow)));
        }
    }

    internal sealed class NoVerifier : IAccessTokenVerifier
    {
        public ValueTask<TokenVerificationResult> VerifyAsync(AccessToken token, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
