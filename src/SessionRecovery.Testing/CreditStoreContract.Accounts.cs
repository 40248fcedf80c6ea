using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Warming;

namespace SessionRecovery.Testing;

public abstract partial class CreditStoreContract
{
    [Test]
    public async Task A_user_without_an_account_is_not_found_not_zero()
    {
        (await Read(Ada)).Status.Should().Be(CreditReadStatus.NotFound);
        (await Read(Ada)).Balance.Should().BeNull();
    }

    [Test]
    public async Task An_account_starts_with_the_initial_amount_at_version_one()
    {
        var result = await Initialize(Ada);

        result.Status.Should().Be(CreditCommandStatus.Done);
        result.Created.Should().BeTrue();
        result.Replayed.Should().BeFalse();
        result.Balance!.Available.Should().Be(_testStore.InitialCredits);
        result.Balance.Version.Should().Be(1);
        result.Balance.AsOf.Should().Be(Now);
        await ShouldHave(Ada, 100, version: 1);
        (await Read(Bob)).Status.Should().Be(CreditReadStatus.NotFound);
    }

    [Test]
    public async Task An_account_is_created_once_and_a_repeat_grants_nothing()
    {
        await Initialize(Ada);
        await Consume(Ada, 30, "k");

        var repeat = await Initialize(Ada);

        repeat.Status.Should().Be(CreditCommandStatus.Done);
        repeat.Created.Should().BeFalse();
        repeat.Replayed.Should().BeTrue();
        repeat.Balance!.Available.Should().Be(70);
        await ShouldHave(Ada, 70, version: 2);
    }

    [Test]
    public async Task Concurrent_initializations_create_one_account()
    {
        var results = await RunConcurrently(16, _ => Initialize(Ada));

        results.Count(result => result.Created).Should().Be(1);
        results.Should().OnlyContain(result => result.Balance!.Available == 100);
        await ShouldHave(Ada, 100, version: 1);
    }

    [Test]
    public async Task A_user_without_an_account_can_neither_consume_nor_reserve()
    {
        (await Consume(Ada, 1, "k")).Status.Should().Be(CreditCommandStatus.NotInitialized);
        (await Reserve(Ada, 1, "h")).Status.Should().Be(CreditCommandStatus.NotInitialized);
        (await Read(Ada)).Status.Should().Be(CreditReadStatus.NotFound);

        await Initialize(Ada);
        (await Consume(Ada, 1, "k")).Should().Match<CreditCommandResult>(result => result.Status == CreditCommandStatus.Done
            && !result.Replayed, "a rejected command does not use up its key");
    }

    [Test]
    public async Task Users_are_told_apart_by_ordinal_value()
    {
        await Initialize(Ada);
        await Initialize(CreateUser("Ada"));
        await Initialize(CreateUser("ada "));
        await Initialize(CreateUser("ada' OR 1=1 --"));
        await Consume(Ada, 40, "k");

        await ShouldHave(Ada, 60);
        await ShouldHave(CreateUser("Ada"), 100);
        await ShouldHave(CreateUser("ada "), 100);
        await ShouldHave(CreateUser("ada' OR 1=1 --"), 100);
    }

    [Test]
    public async Task Every_result_has_the_same_incarnation_after_a_reopen()
    {
        var first = (await Initialize(Ada)).Balance!.Incarnation;
        first.Should().NotBeNullOrEmpty();

        await _testStore.ReopenAsync();

        (await Read(Ada)).Balance!.Incarnation.Should().Be(first);
        (await Consume(Ada, 1, "k")).Balance!.Incarnation.Should().Be(first);
    }

    [Test]
    public async Task Committed_changes_survive_a_reopen()
    {
        await Initialize(Ada);
        await Consume(Ada, 30, "k");

        await _testStore.ReopenAsync();

        await ShouldHave(Ada, 70, version: 2);
        (await Consume(Ada, 30, "k")).Replayed.Should().BeTrue();
    }

    [Test]
    public async Task The_server_reads_any_user()
    {
        await Initialize(Ada);

        var result = await Store.ReadAsync(UserSession.AsServer(Ada), CancellationToken.None);

        result.Balance!.Available.Should().Be(100);
    }

    [Test]
    public async Task A_call_canceled_before_its_start_changes_nothing()
    {
        await Initialize(Ada);
        var canceled = new CancellationToken(canceled: true);

        var consume = async () => await Store.ApplyAsync(new CreditCommand.Consume(Ada, 1, Key("k")), canceled);
        var read = async () => await Store.ReadAsync(new UserSession(Ada), canceled);

        await consume.Should().ThrowAsync<OperationCanceledException>();
        await read.Should().ThrowAsync<OperationCanceledException>();
        await ShouldHave(Ada, 100, version: 1);
    }

    [Test]
    public async Task Active_users_are_distinct_latest_first_with_current_balances()
    {
        foreach (var user in new[] { Ada, Bob, CreateUser("eve") })
        {
            await Initialize(user);
            AdvanceTime(TimeSpan.FromMinutes(1));
        }

        var since = Now;
        await Consume(Ada, 10, "a1");
        AdvanceTime(TimeSpan.FromMinutes(1));
        await Consume(Bob, 20, "b1");
        AdvanceTime(TimeSpan.FromMinutes(1));
        var reservation = await Reserve(Ada, 5, "a2");
        await Capture(Ada, reservation);

        var all = await _testStore.ActiveUsers.GetActiveUsersAsync(50, DateTimeOffset.UnixEpoch, CancellationToken.None);
        all.Select(active => active.User).Should().Equal(Ada, Bob, CreateUser("eve"));
        all.Select(active => active.Balance.Available).Should().Equal(85, 80, 100);
        all[0].Balance.Version.Should().Be(4);

        var late = await _testStore.ActiveUsers.GetActiveUsersAsync(50, since, CancellationToken.None);
        late.Select(active => active.User).Should().Equal(Ada, Bob);

        var two = await _testStore.ActiveUsers.GetActiveUsersAsync(1, DateTimeOffset.UnixEpoch, CancellationToken.None);
        two.Select(active => active.User).Should().Equal(Ada);
    }

    [Test]
    public async Task Recorded_users_are_active_without_a_change()
    {
        if (_testStore.ActiveUsers is not IActiveUserStore store)
        {
            Assert.Ignore("The store does not record active users.");
            return;
        }

        foreach (var user in new[] { Ada, Bob, CreateUser("eve") })
        {
            await Initialize(user);
        }

        AdvanceTime(TimeSpan.FromHours(1));
        await Consume(CreateUser("eve"), 1, "k");
        AdvanceTime(TimeSpan.FromMinutes(1));
        var since = Now;
        await store.RecordAsync([CreateUser("stranger"), Bob, Ada], CancellationToken.None);
        AdvanceTime(TimeSpan.FromMinutes(1));
        await store.RecordAsync([Ada], CancellationToken.None);

        var all = await store.GetActiveUsersAsync(50, DateTimeOffset.UnixEpoch, CancellationToken.None);
        all.Select(active => active.User).Should().Equal(Ada, Bob, CreateUser("eve"));
        all.Select(active => active.Balance.Available).Should().Equal(100, 100, 99);
        var late = await store.GetActiveUsersAsync(50, since.AddSeconds(-1), CancellationToken.None);
        late.Select(active => active.User).Should().Equal(Ada, Bob);
        await _testStore.ReopenAsync();
        var first = await _testStore.ActiveUsers.GetActiveUsersAsync(1, since, CancellationToken.None);
        first.Select(active => active.User).Should().Equal(Ada);
    }

    [Test]
    public async Task Active_users_have_due_reservations_released()
    {
        await Initialize(Ada);
        await Reserve(Ada, 60, "h");
        AdvanceTime(TenSeconds);

        var active = await _testStore.ActiveUsers.GetActiveUsersAsync(50, DateTimeOffset.UnixEpoch, CancellationToken.None);

        active.Should().ContainSingle().Which.Balance.Should().BeEquivalentTo((await Read(Ada)).Balance);
        active[0].Balance.Available.Should().Be(100);
    }

    private static async Task<CreditCommandResult[]> RunConcurrently(int count, Func<int, ValueTask<CreditCommandResult>> call)
    {
        // All calls wait for the same task and start at the same time when the task completes. If the loop started the calls directly, each
        // call could complete before the next one starts.
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var calls = Enumerable.Range(0, count).Select(async index =>
        {
            await gate.Task;
            return await call(index);
        }).ToArray();
        gate.SetResult();
        return await Task.WhenAll(calls);
    }
}
