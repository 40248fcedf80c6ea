using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Tests.Hosting;

namespace SessionRecovery.Tests.Credits;

/// <summary>Tests slow balance reads that run concurrently with other operations. The cache must never return the old balance.</summary>
[TestFixture]
internal sealed class CacheOrderTests
{
    private static readonly IdempotencyKey Key = IdempotencyKey.Create("job-1");

    private CoreHost _host = null!;

    [SetUp]
    public void Start() => _host = new CoreHost(options => options.MaxCachedUsers = 100);

    [TearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task A_slow_reader_meets_a_charge()
    {
        var slow = await StartSlowReadAsync(100, version: 1);
        _host.Store.Apply = _ => new CreditCommandResult(CreditCommandStatus.Done, _host.Balance(95, version: 2));

        await _host.Get<ICreditLedger>().ConsumeAsync(CoreHost.Ann.User, 5, Key);
        _host.Store.ReleaseRead();

        (await slow).Balance!.Available.Should().Be(95, "the read must not return a balance from before a completed charge");
        (await _host.Credits.ReadAsync(CoreHost.Ann)).Balance!.Available.Should().Be(95);
    }

    [Test]
    public async Task A_slow_reader_meets_a_drop()
    {
        var slow = await StartSlowReadAsync(100, version: 1);
        _host.Credits.Invalidate(CoreHost.Ann.User);
        _host.Store.Gate = false;
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(95, version: 2));

        var after = await _host.Credits.ReadAsync(CoreHost.Ann);
        _host.Store.ReleaseRead();

        after.Balance!.Available.Should().Be(95, "a read does not join a load of an invalidated slot");
        (await slow).Balance!.Available.Should().Be(95);
        (await _host.Credits.ReadAsync(CoreHost.Ann)).Balance!.Available.Should().Be(95);
    }

    [Test]
    public async Task A_slow_reader_meets_an_unknown_command_result()
    {
        var slow = await StartSlowReadAsync(100, version: 1);
        _host.Store.Apply = _ => CreditCommandResult.Unknown;
        await _host.Get<ICreditLedger>().ConsumeAsync(CoreHost.Ann.User, 5, Key);
        _host.Store.Gate = false;
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(95, version: 2));
        _host.Store.ReleaseRead();

        (await slow).Balance!.Available.Should().Be(95);
        (await _host.Credits.ReadAsync(CoreHost.Ann)).Balance!.Available.Should().Be(95);
    }

    [Test]
    public async Task A_slow_command_keeps_its_balance_through_a_drop()
    {
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100, version: 1));
        _host.Store.Apply = _ =>
        {
            // The cache slot is dropped while the command runs, and a concurrent read stores the old balance in the new slot.
            _host.Credits.Invalidate(CoreHost.Ann.User);
            _host.Credits.ReadAsync(CoreHost.Ann).AsTask().Wait(TimeSpan.FromSeconds(30));
            _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(95, version: 2));
            return new CreditCommandResult(CreditCommandStatus.Done, _host.Balance(95, version: 2));
        };

        await _host.Get<ICreditLedger>().ConsumeAsync(CoreHost.Ann.User, 5, Key);
        var read = _host.Credits.ReadAsync(CoreHost.Ann).AsTask();
        await _host.AdvanceUntilAsync(read);

        (await read).Balance!.Available.Should().Be(95);
    }

    [Test]
    public async Task A_slow_reader_meets_an_eviction()
    {
        var slow = await StartSlowReadAsync(100, version: 1);
        _host.Store.Gate = false;
        _host.Store.Read = session => CreditReadResult.Current(_host.Balance(session.User == CoreHost.Ann.User ? 95 : 1, version: 2));
        for (var other = 0; other < 300; other++)
        {
            await _host.Credits.ReadAsync(new UserSession(UserId.Create($"user-{other}")));
        }

        var after = await _host.Credits.ReadAsync(CoreHost.Ann);
        _host.Store.ReleaseRead();

        after.Balance!.Available.Should().Be(95);
        (await slow).Balance!.Available.Should().Be(95);
        (await _host.Credits.ReadAsync(CoreHost.Ann)).Balance!.Available.Should().Be(95);
    }

    [Test]
    public async Task A_host_without_versions_refreshes_after_its_own_change()
    {
        var slow = await StartSlowReadAsync(100, version: null);
        _host.Store.Gate = false;
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(95));

        var refreshed = await _host.Credits.RefreshAsync(CoreHost.Ann);
        _host.Store.ReleaseRead();

        refreshed.Balance!.Available.Should().Be(95);
        (await slow).Balance!.Available.Should().Be(95);
        (await _host.Credits.ReadAsync(CoreHost.Ann)).Balance!.Available.Should().Be(95);
    }

    [Test]
    public async Task A_host_refresh_never_waits_for_the_minimum_interval()
    {
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100 - _host.Store.Reads));

        for (var change = 1; change <= 5; change++)
        {
            (await _host.Credits.RefreshAsync(CoreHost.Ann)).Balance!.Available.Should().Be(100 - change);
        }
    }

    [Test]
    public async Task A_version_token_makes_the_reader_read_the_store()
    {
        var versionToken = CreditVersionToken.Create(CoreHost.Ann, _host.Balance(95, version: 2))!.Value;
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100, version: 1));
        await _host.Credits.ReadAsync(CoreHost.Ann);
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(95, version: 2));

        var read = _host.Credits.ReadAsync(CoreHost.Ann, new CreditReadOptions { VersionToken = versionToken }).AsTask();
        await _host.AdvanceUntilAsync(read);

        (await read).Balance!.Available.Should().Be(95);
    }

    [Test]
    public async Task A_balance_below_the_version_token_is_not_returned()
    {
        var versionToken = CreditVersionToken.Create(CoreHost.Ann, _host.Balance(95, version: 2))!.Value;
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100, version: 1));

        var result = await _host.Credits.ReadAsync(CoreHost.Ann, new CreditReadOptions { VersionToken = versionToken });
        var withoutFloor = await _host.Credits.ReadAsync(CoreHost.Ann);

        result.Status.Should().Be(CreditReadStatus.Unavailable);
        withoutFloor.Balance!.Available.Should().Be(100);
    }

    [Test]
    public async Task A_version_token_from_before_a_restore_is_ignored()
    {
        var versionToken = CreditVersionToken.Create(CoreHost.Ann, _host.Balance(95, version: 9, incarnation: "before"))!.Value;
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100, version: 1, incarnation: "after"));

        var result = await _host.Credits.ReadAsync(CoreHost.Ann, new CreditReadOptions { VersionToken = versionToken });

        result.Balance!.Available.Should().Be(100);
    }

    [Test]
    public async Task A_lagging_replica_does_not_bring_an_old_balance_back()
    {
        _host.Store.Apply = _ => new CreditCommandResult(CreditCommandStatus.Done, _host.Balance(95, version: 2));
        await _host.Get<ICreditLedger>().ConsumeAsync(CoreHost.Ann.User, 5, Key);
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100, version: 1));

        _host.Time.Advance(TimeSpan.FromSeconds(31));
        var result = await _host.Credits.ReadAsync(CoreHost.Ann);

        result.Status.Should().Be(CreditReadStatus.Stale);
        result.Balance!.Available.Should().Be(95);
    }

    private async Task<Task<CreditReadResult>> StartSlowReadAsync(long available, long? version)
    {
        _host.Store.Gate = true;
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(available, version));
        var slow = _host.Credits.ReadAsync(CoreHost.Ann).AsTask();
        await _host.Store.WaitForReadAsync();
        return slow;
    }
}
