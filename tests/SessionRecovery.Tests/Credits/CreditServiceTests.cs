using System.Diagnostics;
using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Credits.Internal;
using SessionRecovery.Sessions;
using SessionRecovery.Tests.Hosting;

namespace SessionRecovery.Tests.Credits;

[TestFixture]
internal sealed class CreditServiceTests
{
    private CoreHost _host = null!;

    [SetUp]
    public void Start() => _host = new CoreHost();

    [TearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task A_known_zero_is_a_number_like_any_other()
    {
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(0, version: 7));

        var result = await _host.Credits.ReadAsync(CoreHost.Ann);

        result.Status.Should().Be(CreditReadStatus.Current);
        result.Balance!.Available.Should().Be(0);
        _host.Store.Commands.Should().Be(0);
    }

    [Test]
    public async Task A_fresh_value_is_read_once()
    {
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100, version: 1));

        await _host.Credits.ReadAsync(CoreHost.Ann);
        _host.Time.Advance(TimeSpan.FromSeconds(29.9));
        await _host.Credits.ReadAsync(CoreHost.Ann);
        _host.Store.Reads.Should().Be(1);
        _host.Time.Advance(TimeSpan.FromSeconds(0.2));
        await _host.Credits.ReadAsync(CoreHost.Ann);

        _host.Store.Reads.Should().Be(2);
    }

    [Test]
    public async Task A_cached_value_ends_at_the_next_reservation_expiry()
    {
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(95, version: 2, holdExpiresIn: TimeSpan.FromSeconds(10), held: 5));
        await _host.Credits.ReadAsync(CoreHost.Ann);
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100, version: 3));

        _host.Time.Advance(TimeSpan.FromSeconds(10));
        var result = await _host.Credits.ReadAsync(CoreHost.Ann);

        result.Balance!.Available.Should().Be(100);
    }

    [Test]
    public async Task An_unversioned_value_is_cached_for_two_seconds()
    {
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100));

        await _host.Credits.ReadAsync(CoreHost.Ann);
        _host.Time.Advance(TimeSpan.FromSeconds(1.9));
        await _host.Credits.ReadAsync(CoreHost.Ann);
        _host.Store.Reads.Should().Be(1);
        _host.Time.Advance(TimeSpan.FromSeconds(0.1));
        await _host.Credits.ReadAsync(CoreHost.Ann);

        _host.Store.Reads.Should().Be(2);
    }

    [Test]
    public async Task Callers_share_one_load_that_survives_a_caller_cancellation()
    {
        _host.Store.Gate = true;
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100, version: 1));
        using var leaving = new CancellationTokenSource();

        var first = _host.Credits.ReadAsync(CoreHost.Ann, cancellationToken: leaving.Token).AsTask();
        await _host.Store.WaitForReadAsync();
        var others = Enumerable.Range(0, 50).Select(_ => _host.Credits.ReadAsync(CoreHost.Ann).AsTask()).ToList();
        await leaving.CancelAsync();
        await FluentActions.Awaiting(() => first).Should().ThrowAsync<OperationCanceledException>();
        _host.Store.ReleaseRead();

        (await Task.WhenAll(others)).Should().OnlyContain(result => result.Balance!.Available == 100);
        _host.Store.Reads.Should().Be(1);
    }

    [Test]
    public async Task An_outage_returns_stale_values_for_a_day_never_zero()
    {
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(42, version: 3));
        await _host.Credits.ReadAsync(CoreHost.Ann);
        _host.Store.Read = _ => throw new TimeoutException("the database is away");

        _host.Time.Advance(TimeSpan.FromHours(23));
        var stale = await _host.Credits.ReadAsync(CoreHost.Ann);
        _host.Time.Advance(TimeSpan.FromHours(2));
        var tooOld = await _host.Credits.ReadAsync(CoreHost.Ann);

        stale.Status.Should().Be(CreditReadStatus.Stale);
        stale.Balance!.Available.Should().Be(42);
        stale.Age.Should().BeCloseTo(TimeSpan.FromHours(23), TimeSpan.FromSeconds(1));
        tooOld.Status.Should().Be(CreditReadStatus.Unavailable);
        tooOld.Balance.Should().BeNull();
    }

    [Test]
    public async Task An_outage_without_a_cached_value_is_unavailable_and_uncached()
    {
        _host.Store.Read = _ => throw new TimeoutException();
        var away = await _host.Credits.ReadAsync(CoreHost.Ann);
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100, version: 1));

        var read = _host.Credits.ReadAsync(CoreHost.Ann).AsTask();
        await _host.AdvanceUntilAsync(read);

        away.Status.Should().Be(CreditReadStatus.Unavailable);
        (await read).Balance!.Available.Should().Be(100);
    }

    [Test]
    public async Task A_hanging_reader_is_abandoned_without_blocking_the_next_load()
    {
        _host.Store.Gate = true;
        var hanging = _host.Credits.ReadAsync(CoreHost.Ann).AsTask();
        await _host.Store.WaitForReadAsync();

        await _host.AdvanceUntilAsync(hanging);
        _host.Store.Gate = false;
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100, version: 1));
        var next = await _host.Credits.ReadAsync(CoreHost.Ann);

        (await hanging).Status.Should().Be(CreditReadStatus.Unavailable);
        next.Balance!.Available.Should().Be(100);
    }

    [Test]
    public async Task A_failed_read_is_attempted_three_times()
    {
        await using var host = new CoreHost(options => options.MaxAttempts = 3);
        host.Store.Read = _ => host.Store.Reads < 3 ? throw new IOException() : CreditReadResult.Current(host.Balance(100, version: 1));

        var read = host.Credits.ReadAsync(CoreHost.Ann).AsTask();
        await host.AdvanceUntilAsync(read);

        (await read).Status.Should().Be(CreditReadStatus.Current);
        host.Store.Reads.Should().Be(3);
    }

    [Test]
    public async Task A_refresh_does_not_join_an_earlier_load()
    {
        _host.Store.Gate = true;
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100, version: 1));
        var early = _host.Credits.ReadAsync(CoreHost.Ann).AsTask();
        await _host.Store.WaitForReadAsync();
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(95, version: 2));

        var refresh = _host.Credits.ReadAsync(CoreHost.Ann, new CreditReadOptions { Refresh = true }).AsTask();
        _host.Store.ReleaseRead();
        await early;
        refresh.IsCompleted.Should().BeFalse("a refresh waits for a load that began after it");
        var arrived = _host.Store.WaitForReadAsync();
        await _host.AdvanceUntilAsync(arrived);
        _host.Store.ReleaseRead();

        (await refresh).Balance!.Available.Should().Be(95);
    }

    [Test]
    public async Task A_load_that_starts_after_another_one_ended_uses_its_value()
    {
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100, version: 1));
        var slot = _host.Get<CreditCache>().GetSlot(CoreHost.Ann);
        await _host.Credits.ReadAsync(CoreHost.Ann);

        // A caller that found the slot empty just before the first load ended starts this load.
        var load = _host.Get<CreditLoader>().Load(CoreHost.Ann, slot, startedAfter: 0, ownTokenOnly: false);
        var loaded = await load.Completion.WaitAsync(TimeSpan.FromSeconds(30));

        loaded.Result.Balance!.Available.Should().Be(100);
        load.StartedAt.Should().Be(1, "the caller can use the result");
        _host.Store.Reads.Should().Be(1);
    }

    [Test]
    public async Task Refreshes_read_the_store_at_most_once_a_second()
    {
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100, version: 1));
        await _host.Credits.ReadAsync(CoreHost.Ann);

        var refreshes = Enumerable.Range(0, 100)
            .Select(_ => _host.Credits.ReadAsync(CoreHost.Ann, new CreditReadOptions { Refresh = true }).AsTask())
            .ToList();
        var waited = await _host.AdvanceUntilAsync(Task.WhenAll(refreshes));

        // The fake clock may advance before the continuations run, so only the lower bound is exact.
        _host.Store.Reads.Should().Be(2);
        waited.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1)).And.BeLessThan(TimeSpan.FromSeconds(5));
    }

    [Test]
    public async Task A_missing_account_is_read_at_most_once_a_second()
    {
        await using var host = new CoreHost(static credits => credits.InitializeOnRead = false);
        host.Store.Read = _ => CreditReadResult.NotFound;

        for (var round = 0; round < 20; round++)
        {
            (await host.Credits.ReadAsync(CoreHost.Ann)).Status.Should().Be(CreditReadStatus.NotFound);
        }

        host.Store.Reads.Should().Be(1);
        host.Store.Read = _ => CreditReadResult.Current(host.Balance(100, version: 1));
        var refresh = host.Credits.ReadAsync(CoreHost.Ann, new CreditReadOptions { Refresh = true }).AsTask();
        (await host.AdvanceUntilAsync(refresh)).Should().BeGreaterThan(TimeSpan.FromMilliseconds(700));
        (await refresh).Balance!.Available.Should().Be(100);
        (await host.Credits.ReadAsync(CoreHost.Ann)).Balance!.Available.Should().Be(100);
    }

    [Test]
    public async Task A_failing_account_creation_is_attempted_once_a_second()
    {
        _host.Store.Read = _ => CreditReadResult.NotFound;
        _host.Store.Apply = _ => new CreditCommandResult(CreditCommandStatus.NotInitialized);

        for (var round = 0; round < 20; round++)
        {
            (await _host.Credits.ReadAsync(CoreHost.Ann)).Status.Should().Be(CreditReadStatus.NotFound);
        }

        (_host.Store.Reads, _host.Store.Commands).Should().Be((1, 1));
        _host.Time.Advance(TimeSpan.FromSeconds(1));
        (await _host.Credits.ReadAsync(CoreHost.Ann)).Status.Should().Be(CreditReadStatus.NotFound);
        (_host.Store.Reads, _host.Store.Commands).Should().Be((2, 2));
    }

    [Test]
    public async Task An_account_creation_without_an_answer_is_attempted_once_a_second()
    {
        _host.Store.Read = _ => CreditReadResult.NotFound;
        _host.Store.Apply = _ => CreditCommandResult.Unknown;

        for (var round = 0; round < 20; round++)
        {
            (await _host.Credits.ReadAsync(CoreHost.Ann)).Status.Should().Be(CreditReadStatus.Unavailable);
        }

        (_host.Store.Reads, _host.Store.Commands).Should().Be((1, 1));
        _host.Time.Advance(TimeSpan.FromSeconds(1));
        (await _host.Credits.ReadAsync(CoreHost.Ann)).Status.Should().Be(CreditReadStatus.Unavailable);
        (_host.Store.Reads, _host.Store.Commands).Should().Be((2, 2));
    }

    [Test]
    public async Task A_version_token_rereads_an_account_that_was_just_missing()
    {
        await using var host = new CoreHost(static credits => credits.InitializeOnRead = false);
        host.Store.Read = _ => CreditReadResult.NotFound;
        await host.Credits.ReadAsync(CoreHost.Ann);
        host.Store.Read = _ => CreditReadResult.Current(host.Balance(95, version: 2));
        var versionToken = CreditVersionToken.Create(CoreHost.Ann, host.Balance(95, version: 2))!.Value;

        var result = host.Credits.ReadAsync(CoreHost.Ann, new CreditReadOptions { VersionToken = versionToken }).AsTask();
        await host.AdvanceUntilAsync(result);

        (await result).Balance!.Available.Should().Be(95);
    }

    [Test]
    public async Task A_missing_account_is_read_again_after_a_second()
    {
        await using var host = new CoreHost(static credits => credits.InitializeOnRead = false);
        host.Store.Read = _ => CreditReadResult.NotFound;
        await host.Credits.ReadAsync(CoreHost.Ann);
        host.Store.Read = _ => CreditReadResult.Current(host.Balance(100, version: 1));

        host.Time.Advance(TimeSpan.FromSeconds(1));

        (await host.Credits.ReadAsync(CoreHost.Ann)).Balance!.Available.Should().Be(100);
    }

    [Test]
    public async Task A_hanging_store_delays_a_read_by_one_attempt()
    {
        await using var host = new CoreHost(static credits =>
        {
            credits.MaxAttempts = 3;
            credits.AttemptTimeout = TimeSpan.FromMinutes(1);
        });
        host.Store.Gate = true;

        var result = host.Credits.ReadAsync(CoreHost.Ann).AsTask();
        await host.Store.WaitForReadAsync();
        host.Time.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromMilliseconds(1));
        result.IsCompleted.Should().BeFalse();
        host.Time.Advance(TimeSpan.FromMilliseconds(1));

        (await result.WaitAsync(TimeSpan.FromSeconds(30))).Status.Should().Be(CreditReadStatus.Unavailable);
        host.Store.Reads.Should().Be(1);
    }

    [Test]
    public async Task Forgetting_a_user_does_not_bypass_the_refresh_interval()
    {
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100, version: 1));
        await _host.Credits.ReadAsync(CoreHost.Ann);

        _host.Credits.Forget(CoreHost.Ann.User);
        var read = _host.Credits.ReadAsync(CoreHost.Ann).AsTask();
        var waited = await _host.AdvanceUntilAsync(read);

        _host.Store.Reads.Should().Be(2);
        waited.Should().BeGreaterThan(TimeSpan.FromMilliseconds(700));
    }

    [Test]
    public async Task Forgetting_a_user_repeatedly_reads_once_a_second()
    {
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100, version: 1));
        await _host.Credits.ReadAsync(CoreHost.Ann);

        var reads = new List<Task>();
        for (var round = 0; round < 200; round++)
        {
            _host.Credits.Forget(CoreHost.Ann.User);
            reads.Add(_host.Credits.ReadAsync(CoreHost.Ann).AsTask());
        }

        await _host.AdvanceUntilAsync(Task.WhenAll(reads));

        _host.Store.Reads.Should().BeLessThanOrEqualTo(3);
    }

    [Test]
    public async Task Forgetting_a_user_leaves_no_value_behind()
    {
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100, version: 1));
        await _host.Credits.ReadAsync(CoreHost.Ann);
        _host.Store.Read = _ => throw new IOException();

        _host.Credits.Forget(CoreHost.Ann.User);
        var read = _host.Credits.ReadAsync(CoreHost.Ann).AsTask();
        await _host.AdvanceUntilAsync(read);

        (await read).Status.Should().Be(CreditReadStatus.Unavailable);
    }

    [Test]
    public async Task A_rejection_of_another_token_is_not_reused()
    {
        var good = new UserSession(CoreHost.Ann.User, AccessToken.Create("good"));
        var revoked = new UserSession(CoreHost.Ann.User, AccessToken.Create("revoked"));
        _host.Store.Gate = true;
        _host.Store.Read = session => session.Token!.Reveal() == "good"
            ? CreditReadResult.Current(_host.Balance(100, version: 1))
            : CreditReadResult.Unauthenticated;

        var first = _host.Credits.ReadAsync(revoked).AsTask();
        await _host.Store.WaitForReadAsync();
        var second = _host.Credits.ReadAsync(good).AsTask();
        _host.Store.ReleaseRead();
        await first;
        _host.Store.Gate = false;
        await _host.AdvanceUntilAsync(second);

        (await first).Status.Should().Be(CreditReadStatus.Unauthenticated);
        (await second).Balance!.Available.Should().Be(100);
    }

    [Test]
    public async Task Concurrent_refreshes_of_one_user_all_see_their_own_change()
    {
        // Each request changes the balance with its own SQL and then calls RefreshAsync, as the documentation requires.
        var balance = 0L;
        _host.Store.Read = _ =>
        {
            var read = Interlocked.Read(ref balance);
            Thread.SpinWait(50_000);
            return CreditReadResult.Current(_host.Balance(read));
        };

        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            var seen = new List<(long Own, CreditReadResult Result)>();
            for (var change = 0; change < 50; change++)
            {
                var own = Interlocked.Increment(ref balance);
                seen.Add((own, await _host.Credits.RefreshAsync(CoreHost.Ann)));
            }

            return seen;
        })));

        results.SelectMany(static seen => seen).Should().OnlyContain(
            static seen => seen.Result.Status == CreditReadStatus.Current && seen.Result.Balance!.Available >= seen.Own);
    }

    [Test]
    public async Task Refreshes_that_arrive_during_a_load_share_the_next_one()
    {
        _host.Store.Gate = true;
        _host.Store.Read = _ => CreditReadResult.Current(_host.Balance(100));
        var slow = _host.Credits.ReadAsync(CoreHost.Ann).AsTask();
        await _host.Store.WaitForReadAsync();
        _host.Store.Gate = false;
        var overtaking = await _host.Credits.RefreshAsync(CoreHost.Ann);
        _host.Store.Gate = true;
        var running = _host.Credits.RefreshAsync(CoreHost.Ann).AsTask();
        await _host.Store.WaitForReadAsync();

        var waiting = Enumerable.Range(0, 20).Select(_ => _host.Credits.RefreshAsync(CoreHost.Ann).AsTask()).ToList();
        _host.Store.Gate = false;
        _host.Store.ReleaseRead();
        _host.Store.ReleaseRead();
        await _host.AdvanceUntilAsync(Task.WhenAll([slow, running, .. waiting]));

        overtaking.Status.Should().Be(CreditReadStatus.Current, "a refresh does not wait for a load that hangs");
        waiting.Should().OnlyContain(static read => read.Result.Status == CreditReadStatus.Current);
        _host.Store.Reads.Should().BeLessThanOrEqualTo(5);
    }

    [Test]
    public async Task A_rejected_token_delays_other_devices_by_one_load()
    {
        _host.Store.Read = session => session.Token!.Reveal() == "revoked"
            ? CreditReadResult.Unauthenticated
            : CreditReadResult.Current(_host.Balance(100, version: 1));
        _host.Store.Gate = true;
        var revoked = _host.Credits.ReadAsync(new UserSession(CoreHost.Ann.User, AccessToken.Create("revoked"))).AsTask();
        await _host.Store.WaitForReadAsync();
        var devices = Enumerable.Range(0, 20).Select(device => _host.Credits.ReadAsync(
            new UserSession(CoreHost.Ann.User, AccessToken.Create($"device-{device}"))).AsTask()).ToList();
        _host.Store.Gate = false;
        _host.Store.ReleaseRead();

        var waited = await _host.AdvanceUntilAsync(Task.WhenAll(devices));

        (await revoked).Status.Should().Be(CreditReadStatus.Unauthenticated);
        devices.Should().OnlyContain(static read => read.Result.Balance!.Available == 100);
        waited.Should().BeLessThan(TimeSpan.FromSeconds(2));
    }

    [Test]
    public async Task A_refresh_after_a_rejected_token_reads_the_store()
    {
        var balance = 100;
        _host.Store.Read = session => session.Token!.Reveal() == "revoked"
            ? CreditReadResult.Unauthenticated
            : CreditReadResult.Current(_host.Balance(balance));
        await _host.Credits.ReadAsync(CoreHost.Ann);
        balance = 50;
        var revoked = _host.Credits.ReadAsync(
            new UserSession(CoreHost.Ann.User, AccessToken.Create("revoked")), new CreditReadOptions { Refresh = true }).AsTask();
        var refreshed = _host.Credits.ReadAsync(CoreHost.Ann, new CreditReadOptions { Refresh = true }).AsTask();

        await _host.AdvanceUntilAsync(Task.WhenAll(revoked, refreshed));

        (await refreshed).Balance!.Available.Should().Be(50, "the cached value is older than the refresh");
    }

    [Test]
    public async Task A_user_without_an_account_gets_one_exactly_once()
    {
        _host.Store.Read = _ => CreditReadResult.NotFound;
        _host.Store.Apply = _ => new CreditCommandResult(CreditCommandStatus.Done, _host.Balance(100, version: 1)) { Created = true };

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _host.Credits.ReadAsync(CoreHost.Ann).AsTask()));

        results.Should().OnlyContain(result => result.Balance!.Available == 100);
        _host.Store.Commands.Should().Be(1);
    }

    [Test]
    public async Task A_health_check_creates_no_account()
    {
        _host.Store.Read = _ => CreditReadResult.NotFound;

        var result = await _host.Credits.ReadAsync(CoreHost.Ann, new CreditReadOptions { AllowAccountCreation = false });

        result.Status.Should().Be(CreditReadStatus.NotFound);
        _host.Store.Commands.Should().Be(0);
    }

    [Test]
    public async Task A_reader_never_sees_the_request_that_caused_its_load()
    {
        var ambient = new AsyncLocal<string?> { Value = "a request" };
        var seen = "nothing";
        _host.Store.Read = _ =>
        {
            seen = ambient.Value;
            return CreditReadResult.Current(_host.Balance(100, version: 1));
        };

        await _host.Credits.ReadAsync(CoreHost.Ann);

        seen.Should().BeNull();
    }

    [Test]
    public async Task An_account_creation_never_sees_the_request_that_caused_it()
    {
        var ambient = new AsyncLocal<string?> { Value = "a request" };
        using var activity = new Activity("a request").Start();
        var seen = new List<string?>();
        _host.Store.Read = static _ => CreditReadResult.NotFound;
        _host.Store.Apply = _ =>
        {
            seen.AddRange([ambient.Value, Activity.Current?.OperationName]);
            return new CreditCommandResult(CreditCommandStatus.Done, _host.Balance(100, version: 1));
        };

        await _host.Credits.ReadAsync(CoreHost.Ann);

        seen.Should().Equal(null, null);
    }
}
