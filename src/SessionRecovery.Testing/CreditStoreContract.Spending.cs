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

        var outcome = await Consume(Ada, 30, "k");

        outcome.Status.Should().Be(CreditCommandStatus.Done);
        outcome.Replayed.Should().BeFalse();
        outcome.Balance!.Available.Should().Be(70);
        outcome.Balance.Version.Should().Be(2);
        await ShouldHave(Ada, 70, version: 2);
    }

    [Test]
    public async Task All_can_be_spent_and_a_known_zero_is_known()
    {
        await Initialize(Ada);

        (await Consume(Ada, 100, "k")).Status.Should().Be(CreditCommandStatus.Done);

        await ShouldHave(Ada, 0, version: 2);
    }

    [Test]
    public async Task The_same_key_and_amount_is_one_effect_and_the_repeat_says_so()
    {
        await Initialize(Ada);
        await Consume(Ada, 30, "k");
        await Consume(Ada, 10, "later");

        var repeat = await Consume(Ada, 30, "k");

        repeat.Status.Should().Be(CreditCommandStatus.Done);
        repeat.Replayed.Should().BeTrue();
        repeat.Balance!.Available.Should().Be(60, "a repeat tells the balance of now");
        await ShouldHave(Ada, 60, version: 3);
    }

    [Test]
    public async Task A_repeat_is_a_repeat_even_when_the_balance_no_longer_suffices()
    {
        await Initialize(Ada);
        await Consume(Ada, 60, "k");

        (await Consume(Ada, 60, "k")).Should().Match<CreditCommandResult>(outcome => outcome.Status == CreditCommandStatus.Done && outcome.Replayed);
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
    public async Task More_than_there_is_is_refused_without_a_trace_and_without_using_up_the_key()
    {
        await Initialize(Ada);

        var refusal = await Consume(Ada, 101, "k");

        refusal.Status.Should().Be(CreditCommandStatus.Insufficient);
        refusal.Required.Should().Be(101);
        refusal.Balance!.Available.Should().Be(100);
        await ShouldHave(Ada, 100, version: 1);
        (await Consume(Ada, 5, "k")).Should().Match<CreditCommandResult>(outcome => outcome.Status == CreditCommandStatus.Done && !outcome.Replayed);
    }

    [Test]
    public async Task The_largest_amount_is_refused_and_overflows_nothing()
    {
        await Initialize(Ada);
        await Reserve(Ada, 50, "h");

        (await Consume(Ada, CreditCommand.MaxAmount, "k")).Status.Should().Be(CreditCommandStatus.Insufficient);
        (await Reserve(Ada, CreditCommand.MaxAmount, "k")).Status.Should().Be(CreditCommandStatus.Insufficient);
        await ShouldHave(Ada, 50, held: 50, version: 2);
    }

    [Test]
    public async Task One_users_key_is_nothing_to_another_user()
    {
        await Initialize(Ada);
        await Initialize(Bob);
        await Consume(Ada, 30, "k");

        (await Consume(Bob, 40, "k")).Should().Match<CreditCommandResult>(outcome => outcome.Status == CreditCommandStatus.Done && !outcome.Replayed);
        await ShouldHave(Ada, 70);
        await ShouldHave(Bob, 60);
    }

    [Test]
    public async Task A_key_from_a_request_header_is_not_the_servers_key_of_the_same_text()
    {
        await Initialize(Ada);
        (await Apply(new CreditCommand.Consume(Ada, 1, RequestKey("invoice-7")))).Status.Should().Be(CreditCommandStatus.Done);

        var servers = await Consume(Ada, 20, "invoice-7");

        servers.Should().Match<CreditCommandResult>(outcome => outcome.Status == CreditCommandStatus.Done && !outcome.Replayed, "else a user could take the key of the server's next debit");
        await ShouldHave(Ada, 79);
    }

    [Test]
    public async Task Keys_are_told_apart_by_case_and_may_be_as_long_as_allowed()
    {
        await Initialize(Ada);
        await Consume(Ada, 1, "key");
        await Consume(Ada, 1, "KEY");
        await Consume(Ada, 1, new string('x', IdempotencyKey.MaxLength));
        await Apply(new CreditCommand.Consume(Ada, 1, RequestKey(new string('x', IdempotencyKey.MaxRequestLength))));

        await ShouldHave(Ada, 96, version: 5);
    }

    [Test]
    public async Task What_is_held_can_not_be_spent()
    {
        await Initialize(Ada);
        await Reserve(Ada, 60, "h");

        (await Consume(Ada, 41, "k")).Status.Should().Be(CreditCommandStatus.Insufficient);
        (await Consume(Ada, 40, "k")).Status.Should().Be(CreditCommandStatus.Done);
        await ShouldHave(Ada, 0, held: 60);
    }

    [Test]
    public async Task Many_at_once_never_spend_more_than_there_is()
    {
        await Initialize(Ada);

        var outcomes = await AtOnce(32, index => Consume(Ada, 9, $"k{index}"));

        outcomes.Count(outcome => outcome.Status == CreditCommandStatus.Done).Should().Be(11);
        outcomes.Count(outcome => outcome.Status == CreditCommandStatus.Insufficient).Should().Be(21);
        outcomes.Where(outcome => outcome.Status == CreditCommandStatus.Done).Select(outcome => outcome.Balance!.Version)
            .Should().BeEquivalentTo(Enumerable.Range(2, 11).Select(version => (long?)version), "each change is one version, without gaps");
        await ShouldHave(Ada, 1, version: 12);
    }

    [Test]
    public async Task Many_at_once_with_one_key_have_one_effect()
    {
        await Initialize(Ada);

        var outcomes = await AtOnce(16, _ => Consume(Ada, 30, "k"));

        outcomes.Should().OnlyContain(outcome => outcome.Status == CreditCommandStatus.Done);
        outcomes.Count(outcome => !outcome.Replayed).Should().Be(1);
        await ShouldHave(Ada, 70, version: 2);
    }

    [Test]
    public async Task Many_users_at_once_do_not_disturb_each_other()
    {
        var users = Enumerable.Range(0, 8).Select(index => UserNamed($"user{index}")).ToArray();
        foreach (var user in users)
        {
            await Initialize(user);
        }

        await AtOnce(64, index => Consume(users[index % 8], 1 + (index % 8), $"k{index}"));

        for (var index = 0; index < users.Length; index++)
        {
            await ShouldHave(users[index], 100 - (8 * (1 + index)), version: 9);
        }
    }
}
