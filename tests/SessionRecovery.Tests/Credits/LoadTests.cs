using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Credits.Internal;
using SessionRecovery.Sessions;
using SessionRecovery.Tests.Hosting;

namespace SessionRecovery.Tests.Credits;

/// <summary>Tests which reads share a load of the store, and which results of a load a read does not use.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class LoadTests
{
    private static readonly CreditReadOptions Refresh = new() { Refresh = true };
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly CoreHost _host = new();

    [TearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task Two_devices_of_a_user_share_a_load_that_fails()
    {
        _host.Store.Gate = true;
        _host.Store.Read = static _ => CreditReadResult.Unavailable;
        var first = _host.Credits.ReadAsync(CoreHost.Ann).AsTask();
        await _host.Store.WaitForReadAsync();
        var second = _host.Credits.ReadAsync(new UserSession(CoreHost.Ann.User, AccessToken.Create("other"))).AsTask();
        _host.Store.Gate = false;
        _host.Store.ReleaseRead();

        (await first.WaitAsync(Limit)).Status.Should().Be(CreditReadStatus.Unavailable);
        (await second.WaitAsync(Limit)).Status.Should().Be(CreditReadStatus.Unavailable);
        _host.Store.Reads.Should().Be(1);
    }

    [Test]
    public async Task A_refresh_from_before_a_sign_out_reads_again()
    {
        var refresh = await StartReadAsync(Refresh);

        _host.Credits.Forget(CoreHost.Ann.User);
        _host.Store.Gate = false;
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(7, version: 1));
        _host.Store.ReleaseRead();
        await _host.AdvanceUntilAsync(refresh);

        (await refresh).Balance!.Available.Should().Be(7, "the load began before the sign-out");
    }

    [Test]
    public async Task A_refresh_uses_a_later_balance_after_a_sign_out()
    {
        var refresh = await StartReadAsync(Refresh);
        _host.Time.Advance(TimeSpan.FromMilliseconds(1));
        _host.Credits.Forget(CoreHost.Ann.User);
        _host.Store.Apply = _ => new(CreditCommandStatus.Done, _host.Balance(95, version: 2));
        await _host.Get<ICreditLedger>().ConsumeAsync(CoreHost.Ann.User, 5, IdempotencyKey.Create("k"));

        _host.Store.Gate = false;
        _host.Store.ReleaseRead();
        await _host.AdvanceUntilAsync(refresh);

        (await refresh).Balance!.Available.Should().Be(95);
        _host.Store.Reads.Should().Be(1, "the charge began after the refresh arrived");
    }

    [Test]
    public async Task A_refresh_keeps_its_load_during_another_invalidation()
    {
        _host.Store.Gate = true;
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100, version: 1));
        var refresh = _host.Credits.RefreshAsync(CoreHost.Ann).AsTask();
        await _host.Store.WaitForReadAsync();

        _host.Credits.Invalidate(CoreHost.Ann.User);
        _host.Store.Gate = false;
        _host.Store.ReleaseRead();

        (await refresh.WaitAsync(Limit)).Status.Should().Be(CreditReadStatus.Current);
        _host.Store.Reads.Should().Be(1);
    }

    [Test]
    public async Task An_invalidation_ends_the_wait_of_a_refresh()
    {
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100, version: 1));
        await _host.Credits.ReadAsync(CoreHost.Ann);
        var refresh = _host.Credits.ReadAsync(CoreHost.Ann, Refresh).AsTask();
        refresh.IsCompleted.Should().BeFalse("the minimum interval has not passed");

        // The load begins to wait on the thread pool. If it were later than the invalidation, it would not wait at all.
        await Task.Run(static () => Thread.SpinWait(1_000_000));
        _host.Credits.Invalidate(CoreHost.Ann.User);

        (await refresh.WaitAsync(Limit)).Status.Should().Be(CreditReadStatus.Current);
        _host.Store.Reads.Should().Be(2);
    }

    [Test]
    public async Task A_read_ends_after_five_sign_outs()
    {
        _host.Store.Read = _ =>
        {
            _host.Credits.Forget(CoreHost.Ann.User);
            return CreditReadResult.Current(_host.Balance(100, version: 1));
        };

        var read = _host.Credits.ReadAsync(CoreHost.Ann).AsTask();
        await _host.AdvanceUntilAsync(read);

        (await read).Status.Should().Be(CreditReadStatus.Unavailable);
        _host.Store.Reads.Should().Be(5);
    }

    [Test]
    public async Task A_read_that_found_no_account_returns_a_later_balance()
    {
        _host.Store.Gate = true;
        _host.Store.Read = static _ => CreditReadResult.NotFound;
        var read = _host.Credits.ReadAsync(CoreHost.Ann, new CreditReadOptions { AllowAccountCreation = false }).AsTask();
        await _host.Store.WaitForReadAsync();
        _host.Time.Advance(TimeSpan.FromMilliseconds(1));
        _host.Store.Apply = _ => new(CreditCommandStatus.Done, _host.Balance(100, version: 1));
        await _host.Get<ICreditLedger>().GrantAsync(CoreHost.Ann.User, 100, IdempotencyKey.Create("k"));

        _host.Store.ReleaseRead();

        (await read.WaitAsync(Limit)).Balance!.Available.Should().Be(100);
    }

    [Test]
    public async Task A_slow_read_returns_a_charged_balance_as_current()
    {
        var slow = await StartReadAsync();
        _host.Store.Apply = _ => new(CreditCommandStatus.Done, _host.Balance(95, version: 2));
        await _host.Get<ICreditLedger>().ConsumeAsync(CoreHost.Ann.User, 5, IdempotencyKey.Create("k"));

        _host.Store.ReleaseRead();

        (await slow.WaitAsync(Limit)).Should().BeEquivalentTo(new { Status = CreditReadStatus.Current, Age = TimeSpan.Zero });
    }

    [Test]
    public async Task A_balance_that_is_not_cached_is_current()
    {
        await using var host = new CoreHost(static options => options.CacheDuration = TimeSpan.Zero);
        host.Store.Read = _ => CreditReadResult.Current(host.Balance(100, version: 1));

        (await host.Credits.ReadAsync(CoreHost.Ann)).Status.Should().Be(CreditReadStatus.Current);
    }

    [Test]
    public async Task A_load_that_waits_delays_no_other_tenant()
    {
        await using var host = new CoreHost(configure: static builder => builder.UseCreditReader<PropertyReader>());
        host.Store.Read = _ => CreditReadResult.Current(host.Balance(100));
        var (first, second) = (CoreHost.Ann.WithProperties([new("tenant", "a")]), CoreHost.Ann.WithProperties([new("tenant", "b")]));
        await host.Credits.ReadAsync(first);
        var waiting = host.Credits.ReadAsync(first, Refresh).AsTask();

        (await host.Credits.ReadAsync(second).AsTask().WaitAsync(Limit)).Status.Should().Be(CreditReadStatus.Current);

        waiting.IsCompleted.Should().BeFalse();
        await host.AdvanceUntilAsync(waiting);
    }

    [Test]
    public async Task An_unavailable_result_is_read_again()
    {
        await using var host = new CoreHost(static options => options.MaxAttempts = 3);
        host.Store.Read = _ => host.Store.Reads < 3
            ? CreditReadResult.Unavailable
            : CreditReadResult.Current(host.Balance(100, version: 1));

        (await host.Credits.ReadAsync(CoreHost.Ann)).Status.Should().Be(CreditReadStatus.Current);

        host.Store.Reads.Should().Be(3, "a balance is not read again");
    }

    [Test]
    public async Task A_read_names_the_reason_of_the_store()
    {
        _host.Store.Read = static _ => throw new CreditStoreException("The id is wrong.", isTransient: false) { Reason = "wrong_id" };

        (await _host.Credits.ReadAsync(CoreHost.Ann)).Should().BeEquivalentTo(
            new { Status = CreditReadStatus.Unavailable, Reason = "wrong_id" });
    }

    [Test]
    public async Task A_stale_balance_has_an_age_limit()
    {
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100, version: 1));
        await _host.Credits.ReadAsync(CoreHost.Ann);
        _host.Store.Read = static _ => CreditReadResult.Unavailable;

        _host.Time.Advance(TimeSpan.FromDays(1));
        var stale = await _host.Credits.ReadAsync(CoreHost.Ann);
        var cache = _host.Get<CreditCache>();
        var later = new CurrentCreditEntry(_host.Balance(100), cache.Now + 1);

        (stale.Status, stale.Age).Should().Be((CreditReadStatus.Stale, TimeSpan.FromDays(1)));
        cache.ToStale(later).Age.Should().Be(TimeSpan.Zero, "an age is never negative");
    }

    [Test]
    public async Task A_read_without_session_or_after_cancellation_loads_nothing()
    {
        var canceled = new CancellationToken(canceled: true);

        await FluentActions.Awaiting(() => _host.Credits.ReadAsync(null!).AsTask()).Should().ThrowAsync<ArgumentNullException>();
        await FluentActions.Awaiting(() => _host.Credits.RefreshAsync(null!).AsTask()).Should().ThrowAsync<ArgumentNullException>();
        await FluentActions.Awaiting(() => _host.Credits.ReadAsync(CoreHost.Ann, cancellationToken: canceled).AsTask())
            .Should().ThrowAsync<OperationCanceledException>();

        _host.Store.Reads.Should().Be(0);
        _host.Get<CreditCache>().GetUsers(sincePeriod: 1, limit: 10).Should().BeEmpty("a canceled read is no activity");
    }

    private async Task<Task<CreditReadResult>> StartReadAsync(CreditReadOptions options = default)
    {
        _host.Store.Gate = true;
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100, version: 1));
        var read = _host.Credits.ReadAsync(CoreHost.Ann, options).AsTask();
        await _host.Store.WaitForReadAsync();
        return read;
    }
}
