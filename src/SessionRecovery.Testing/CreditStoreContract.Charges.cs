using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Testing;

public abstract partial class CreditStoreContract
{
    [Test]
    public async Task Spending_lowers_the_balance_and_raises_the_version_by_one()
    {
        await Initialize(Ada);

        var result = await Consume(Ada, 30, "k");

        result.Status.Should().Be(CreditCommandStatus.Done);
        result.Replayed.Should().BeFalse();
        result.Balance!.Available.Should().Be(70);
        result.Balance.Version.Should().Be(2);
        await ShouldHave(Ada, 70, version: 2);
    }

    [Test]
    public async Task The_whole_balance_can_be_spent_to_a_known_zero()
    {
        await Initialize(Ada);

        (await Consume(Ada, 100, "k")).Status.Should().Be(CreditCommandStatus.Done);

        await ShouldHave(Ada, 0, version: 2);
    }

    [Test]
    public async Task A_repeated_key_and_amount_is_replayed_without_effect()
    {
        await Initialize(Ada);
        await Consume(Ada, 30, "k");
        await Consume(Ada, 10, "later");

        var repeat = await Consume(Ada, 30, "k");

        repeat.Status.Should().Be(CreditCommandStatus.Done);
        repeat.Replayed.Should().BeTrue();
        repeat.Balance!.Available.Should().Be(60, "a replay returns the current balance");
        await ShouldHave(Ada, 60, version: 3);
    }

    [Test]
    public async Task A_repeat_is_replayed_when_the_balance_no_longer_suffices()
    {
        await Initialize(Ada);
        await Consume(Ada, 60, "k");

        (await Consume(Ada, 60, "k")).Should()
            .Match<CreditCommandResult>(result => result.Status == CreditCommandStatus.Done && result.Replayed);
    }

    [Test]
    public async Task The_same_key_with_another_amount_is_a_conflict()
    {
        await Initialize(Ada);
        await Consume(Ada, 30, "k");

        (await Consume(Ada, 31, "k")).Status.Should().Be(CreditCommandStatus.KeyConflict);
        await ShouldHave(Ada, 70, version: 2);
    }

    [Test]
    public async Task An_uncovered_charge_is_rejected_and_keeps_its_key_unused()
    {
        await Initialize(Ada);

        var rejected = await Consume(Ada, 101, "k");

        rejected.Status.Should().Be(CreditCommandStatus.Insufficient);
        rejected.Required.Should().Be(101);
        rejected.Balance!.Available.Should().Be(100);
        await ShouldHave(Ada, 100, version: 1);
        (await Consume(Ada, 5, "k")).Should()
            .Match<CreditCommandResult>(result => result.Status == CreditCommandStatus.Done && !result.Replayed);
    }

    [Test]
    public async Task The_largest_amount_is_rejected_without_overflow()
    {
        await Initialize(Ada);
        await Reserve(Ada, 50, "h");

        (await Consume(Ada, CreditCommand.MaxAmount, "k")).Status.Should().Be(CreditCommandStatus.Insufficient);
        (await Reserve(Ada, CreditCommand.MaxAmount, "k")).Status.Should().Be(CreditCommandStatus.Insufficient);
        await ShouldHave(Ada, 50, held: 50, version: 2);
    }

    [Test]
    public async Task Keys_of_different_users_are_independent()
    {
        await Initialize(Ada);
        await Initialize(Bob);
        await Consume(Ada, 30, "k");

        (await Consume(Bob, 40, "k")).Should()
            .Match<CreditCommandResult>(result => result.Status == CreditCommandStatus.Done && !result.Replayed);
        await ShouldHave(Ada, 70);
        await ShouldHave(Bob, 60);
    }

    [Test]
    public async Task A_request_header_key_differs_from_an_equal_server_key()
    {
        await Initialize(Ada);
        (await Apply(new CreditCommand.Consume(Ada, 1, RequestKey("invoice-7")))).Status.Should().Be(CreditCommandStatus.Done);

        var serverResult = await Consume(Ada, 20, "invoice-7");

        serverResult.Should().Match<CreditCommandResult>(result => result.Status == CreditCommandStatus.Done
            && !result.Replayed, "else a user could take the key of the server's next debit");
        await ShouldHave(Ada, 79);
    }

    [Test]
    public async Task Keys_are_case_sensitive_and_may_have_the_maximum_length()
    {
        await Initialize(Ada);
        await Consume(Ada, 1, "key");
        await Consume(Ada, 1, "KEY");
        await Consume(Ada, 1, new string('x', IdempotencyKey.MaxLength));
        await Apply(new CreditCommand.Consume(Ada, 1, RequestKey(new string('x', IdempotencyKey.MaxRequestLength))));

        await ShouldHave(Ada, 96, version: 5);
    }

    [Test]
    public async Task Held_credits_cannot_be_spent()
    {
        await Initialize(Ada);
        await Reserve(Ada, 60, "h");

        (await Consume(Ada, 41, "k")).Status.Should().Be(CreditCommandStatus.Insufficient);
        (await Consume(Ada, 40, "k")).Status.Should().Be(CreditCommandStatus.Done);
        await ShouldHave(Ada, 0, held: 60);
    }

    [Test]
    public async Task Concurrent_charges_never_exceed_the_balance()
    {
        await Initialize(Ada);

        var results = await RunConcurrently(32, index => Consume(Ada, 9, $"k{index}"));

        results.Count(result => result.Status == CreditCommandStatus.Done).Should().Be(11);
        results.Count(result => result.Status == CreditCommandStatus.Insufficient).Should().Be(21);
        results.Where(result => result.Status == CreditCommandStatus.Done).Select(result => result.Balance!.Version)
            .Should().BeEquivalentTo(Enumerable.Range(2, 11).Select(version => (long?)version), "each change is one version, without gaps");
        await ShouldHave(Ada, 1, version: 12);
    }

    [Test]
    public async Task One_hot_user_with_many_callers_is_charged_exactly()
    {
        await Initialize(Ada);

        var results = await RunConcurrently(256, index => Consume(Ada, 1, $"k{index % 128}"));

        var done = results.Where(static result => result.Status == CreditCommandStatus.Done).ToList();
        results.Except(done).Should().OnlyContain(static result => result.Status == CreditCommandStatus.Insufficient);
        done.Count(static result => !result.Replayed).Should().Be(100, "the account has 100 credits");
        done.Select(static result => result.EntryId).Distinct().Should().HaveCount(100);
        await ShouldHave(Ada, 0, version: 101);
    }

    [Test]
    public async Task Concurrent_charges_with_one_key_have_one_effect()
    {
        await Initialize(Ada);

        var results = await RunConcurrently(16, _ => Consume(Ada, 30, "k"));

        results.Should().OnlyContain(result => result.Status == CreditCommandStatus.Done);
        results.Count(result => !result.Replayed).Should().Be(1);
        await ShouldHave(Ada, 70, version: 2);
    }

    [Test]
    public async Task Concurrent_users_do_not_affect_each_other()
    {
        var users = Enumerable.Range(0, 8).Select(index => CreateUser($"user{index}")).ToArray();
        foreach (var user in users)
        {
            await Initialize(user);
        }

        await RunConcurrently(64, index => Consume(users[index % 8], 1 + (index % 8), $"k{index}"));

        for (var index = 0; index < users.Length; index++)
        {
            await ShouldHave(users[index], 100 - (8 * (1 + index)), version: 9);
        }
    }
}
