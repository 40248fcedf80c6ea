using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Tests.Hosting;
using SessionRecovery.Warming;

namespace SessionRecovery.Tests.Warming;

[TestFixture]
internal sealed class CacheWarmerTests
{
    private ScriptedSource _source = null!;
    private CoreHost _host = null!;

    [SetUp]
    public void Start()
    {
        _source = new ScriptedSource();
        _host = new CoreHost(configure: builder =>
        {
            builder.Services.AddSingleton<IActiveUserSource>(_source);
            builder.UseCreditStore<ScriptedStore>();
        });
    }

    [TearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task One_call_warms_fifty_users_and_their_reads_cost_nothing()
    {
        _source.ReadUsers = (limit, _) => Task.FromResult<IReadOnlyList<ActiveUser>>(Users(limit));

        var report = await _host.Get<ICacheWarmer>().WarmAsync();
        for (var user = 0; user < 50; user++)
        {
            (await _host.Credits.ReadAsync(new UserSession(UserId.Create($"user-{user}")))).Balance!.Available.Should().Be(user);
        }

        report.Should().Match<CacheWarmingResult>(r => r.Outcome == CacheWarmingOutcome.Completed && r.Users == 50 && r.Filled == 50);
        _source.Calls.Should().Be(1);
        _host.Store.Reads.Should().Be(0);
    }

    [Test]
    public async Task A_warm_up_never_replaces_a_later_balance()
    {
        _host.Store.Apply = _ => new CreditCommandResult(CreditCommandStatus.Done, _host.Balance(95, version: 2));
        _source.ReadUsers = async (_, _) =>
        {
            await _host.Get<ICreditLedger>().ConsumeAsync(CoreHost.Ann.User, 5, IdempotencyKey.Create("meanwhile"));
            return [new ActiveUser { User = CoreHost.Ann.User, Balance = _host.Balance(100, version: 1) }];
        };

        var report = await _host.Get<ICacheWarmer>().WarmAsync();

        report.Newer.Should().Be(1);
        (await _host.Credits.ReadAsync(CoreHost.Ann)).Balance!.Available.Should().Be(95);
    }

    [Test]
    public async Task A_failing_or_slow_source_is_reported_without_an_exception()
    {
        _source.ReadUsers = (_, _) => throw new IOException();
        var failed = await _host.Get<ICacheWarmer>().WarmAsync();
        _source.ReadUsers = (_, _) => new TaskCompletionSource<IReadOnlyList<ActiveUser>>().Task;
        var hanging = _host.Get<ICacheWarmer>().WarmAsync().AsTask();
        await _host.AdvanceUntilAsync(hanging);

        failed.Outcome.Should().Be(CacheWarmingOutcome.Failed);
        (await hanging).Outcome.Should().Be(CacheWarmingOutcome.TimedOut);
        _host.Get<ICacheWarmer>().LastResult.Should().Be(await hanging);
    }

    private List<ActiveUser> Users(int count) =>
        [.. Enumerable.Range(0, count)
            .Select(user => new ActiveUser { User = UserId.Create($"user-{user}"), Balance = _host.Balance(user, version: 1) })];

    private sealed class ScriptedSource : IActiveUserSource
    {
        public Func<int, DateTimeOffset, Task<IReadOnlyList<ActiveUser>>> ReadUsers { get; set; } = (_, _) =>
            Task.FromResult<IReadOnlyList<ActiveUser>>([]);

        public int Calls { get; private set; }

        public async ValueTask<IReadOnlyList<ActiveUser>> GetActiveUsersAsync(
            int limit, DateTimeOffset since, CancellationToken cancellationToken)
        {
            Calls++;
            return await ReadUsers(limit, since);
        }
    }
}
