using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Testing;

public abstract partial class CreditStoreContract
{
    [Test]
    public async Task A_user_without_an_account_is_missing_and_not_at_zero()
    {
        (await Read(Ada)).Status.Should().Be(CreditReadStatus.NotFound);
        (await Read(Ada)).Balance.Should().BeNull();
    }

    [Test]
    public async Task An_account_starts_with_the_stores_own_amount_at_version_one()
    {
        var outcome = await Initialize(Ada);

        outcome.Status.Should().Be(CreditCommandStatus.Done);
        outcome.Created.Should().BeTrue();
        outcome.Replayed.Should().BeFalse();
        outcome.Balance!.Available.Should().Be(_underTest.InitialCredits);
        outcome.Balance.Version.Should().Be(1);
        outcome.Balance.AsOf.Should().Be(Now);
        await ShouldHave(Ada, 100, version: 1);
        (await Read(Bob)).Status.Should().Be(CreditReadStatus.NotFound);
    }

    [Test]
    public async Task An_account_is_opened_once_and_a_repeat_gives_nothing()
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
    public async Task Of_many_who_open_one_account_at_once_one_creates_it()
    {
        var outcomes = await AtOnce(16, _ => Initialize(Ada));

        outcomes.Count(outcome => outcome.Created).Should().Be(1);
        outcomes.Should().OnlyContain(outcome => outcome.Balance!.Available == 100);
        await ShouldHave(Ada, 100, version: 1);
    }

    [Test]
    public async Task Who_has_no_account_can_neither_spend_nor_hold()
    {
        (await Consume(Ada, 1, "k")).Status.Should().Be(CreditCommandStatus.NotInitialized);
        (await Reserve(Ada, 1, "h")).Status.Should().Be(CreditCommandStatus.NotInitialized);
        (await Read(Ada)).Status.Should().Be(CreditReadStatus.NotFound);

        await Initialize(Ada);
        (await Consume(Ada, 1, "k")).Should().Match<CreditCommandResult>(outcome => outcome.Status == CreditCommandStatus.Done && !outcome.Replayed, "a refusal does not use up its key");
    }

    [Test]
    public async Task Users_are_told_apart_by_ordinal_value()
    {
        await Initialize(Ada);
        await Initialize(UserNamed("Ada"));
        await Initialize(UserNamed("ada "));
        await Initialize(UserNamed("ada' OR 1=1 --"));
        await Consume(Ada, 40, "k");

        await ShouldHave(Ada, 60);
        await ShouldHave(UserNamed("Ada"), 100);
        await ShouldHave(UserNamed("ada "), 100);
        await ShouldHave(UserNamed("ada' OR 1=1 --"), 100);
    }

    [Test]
    public async Task Every_answer_names_the_same_life_of_the_store_even_after_it_reopened()
    {
        var first = (await Initialize(Ada)).Balance!.Incarnation;
        first.Should().NotBeNullOrEmpty();

        await _underTest.ReopenAsync();

        (await Read(Ada)).Balance!.Incarnation.Should().Be(first);
        (await Consume(Ada, 1, "k")).Balance!.Incarnation.Should().Be(first);
    }

    [Test]
    public async Task What_was_done_is_there_after_the_store_reopened()
    {
        await Initialize(Ada);
        await Consume(Ada, 30, "k");

        await _underTest.ReopenAsync();

        await ShouldHave(Ada, 70, version: 2);
        (await Consume(Ada, 30, "k")).Replayed.Should().BeTrue();
    }

    [Test]
    public async Task The_server_itself_reads_any_user()
    {
        await Initialize(Ada);

        var reading = await Store.ReadAsync(UserSession.AsServer(Ada), CancellationToken.None);

        reading.Balance!.Available.Should().Be(100);
    }

    [Test]
    public async Task A_call_that_was_cancelled_before_it_began_changes_nothing()
    {
        await Initialize(Ada);
        var cancelled = new CancellationToken(canceled: true);

        var consume = async () => await Store.ApplyAsync(new CreditCommand.Consume(Ada, 1, Key("k")), cancelled);
        var read = async () => await Store.ReadAsync(new UserSession(Ada), cancelled);

        await consume.Should().ThrowAsync<OperationCanceledException>();
        await read.Should().ThrowAsync<OperationCanceledException>();
        await ShouldHave(Ada, 100, version: 1);
    }

    [Test]
    public async Task Active_users_come_once_each_and_the_latest_first_with_the_balance_of_now()
    {
        foreach (var user in new[] { Ada, Bob, UserNamed("eve") })
        {
            await Initialize(user);
            LetPass(TimeSpan.FromMinutes(1));
        }

        var since = Now;
        await Consume(Ada, 10, "a1");
        LetPass(TimeSpan.FromMinutes(1));
        await Consume(Bob, 20, "b1");
        LetPass(TimeSpan.FromMinutes(1));
        var hold = await Reserve(Ada, 5, "a2");
        await Capture(Ada, hold);

        var all = await _underTest.ActiveUsers.GetActiveUsersAsync(50, DateTimeOffset.UnixEpoch, CancellationToken.None);
        all.Select(active => active.User).Should().Equal(Ada, Bob, UserNamed("eve"));
        all.Select(active => active.Balance.Available).Should().Equal(85, 80, 100);
        all[0].Balance.Version.Should().Be(4);

        var late = await _underTest.ActiveUsers.GetActiveUsersAsync(50, since, CancellationToken.None);
        late.Select(active => active.User).Should().Equal(Ada, Bob);

        var two = await _underTest.ActiveUsers.GetActiveUsersAsync(1, DateTimeOffset.UnixEpoch, CancellationToken.None);
        two.Select(active => active.User).Should().Equal(Ada);
    }

    [Test]
    public async Task Active_users_come_with_due_holds_released()
    {
        await Initialize(Ada);
        await Reserve(Ada, 60, "h");
        LetPass(TenSeconds);

        var active = await _underTest.ActiveUsers.GetActiveUsersAsync(50, DateTimeOffset.UnixEpoch, CancellationToken.None);

        active.Should().ContainSingle().Which.Balance.Should().BeEquivalentTo((await Read(Ada)).Balance);
        active[0].Balance.Available.Should().Be(100);
    }

    private static async Task<CreditCommandResult[]> AtOnce(int count, Func<int, ValueTask<CreditCommandResult>> call)
    {
        // All wait at one gate, so that they meet in the store and not one after the other in this loop.
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
