using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Testing;

public abstract partial class CreditStoreContract
{
    [Test]
    public async Task A_grant_raises_the_balance_by_one_version()
    {
        await Initialize(Ada);

        var result = await Grant(Ada, 50, "order-7");

        result.Should().Match<CreditCommandResult>(granted =>
            granted.Status == CreditCommandStatus.Done && !granted.Replayed && !granted.Created && granted.EntryId > 0);
        result.Balance!.Available.Should().Be(150);
        await ShouldHave(Ada, 150, version: 2);
    }

    [Test]
    public async Task A_grant_opens_an_account_with_the_initial_amount()
    {
        var result = await Grant(Ada, 50, "order-7");

        result.Should().Match<CreditCommandResult>(granted => granted.Status == CreditCommandStatus.Done && granted.Created);
        result.Balance!.Available.Should().Be(150);
        result.Balance.Version.Should().Be(2, "the account is initialized first");
        (await Initialize(Ada)).Created.Should().BeFalse();
        await ShouldHave(Ada, 150, version: 2);
    }

    [Test]
    public async Task A_repeated_grant_is_replayed_and_another_amount_conflicts()
    {
        var first = await Grant(Ada, 50, "order-7");
        await Consume(Ada, 20, "k");

        var repeat = await Grant(Ada, 50, "order-7");

        repeat.Should().Match<CreditCommandResult>(result =>
            result.Status == CreditCommandStatus.Done && result.Replayed && !result.Created && result.EntryId == first.EntryId);
        repeat.Balance!.Available.Should().Be(130, "a replay returns the current balance");
        (await Grant(Ada, 51, "order-7")).Status.Should().Be(CreditCommandStatus.KeyConflict);
        await ShouldHave(Ada, 130, version: 3);
    }

    [Test]
    public async Task A_key_serves_one_kind_of_command()
    {
        await Initialize(Ada);
        var spent = await Consume(Ada, 10, "consume");
        await Grant(Ada, 10, "grant");
        await Refund(Ada, spent, 5, "refund");
        await Adjust(Ada, 10, "adjust");
        await Reserve(Ada, 10, "reserve");
        await Reserve(Ada, 0, "priceless");

        foreach (var key in new[] { "consume", "grant", "refund", "adjust", "reserve", "priceless" })
        {
            var results = new Dictionary<string, CreditCommandResult>
            {
                ["consume"] = await Consume(Ada, 10, key),
                ["grant"] = await Grant(Ada, 10, key),
                ["refund"] = await Refund(Ada, spent, 5, key),
                ["adjust"] = await Adjust(Ada, 10, key),
            };
            results.Should().OnlyContain(result => result.Key == key
                ? result.Value.Replayed
                : result.Value.Status == CreditCommandStatus.KeyConflict && !result.Value.Replayed);
        }

        await ShouldHave(Ada, 105, held: 10, version: 6);
    }

    [Test]
    public async Task A_grant_cannot_take_the_key_of_work_without_account()
    {
        await Reserve(Ada, 0, "h");

        (await Grant(Ada, 50, "h")).Status.Should().Be(CreditCommandStatus.KeyConflict);
        (await Read(Ada)).Status.Should().Be(CreditReadStatus.NotFound, "a rejected grant opens no account");
    }

    [Test]
    public async Task A_balance_never_exceeds_the_largest_amount()
    {
        (await Grant(Ada, CreditCommand.MaxAmount, "g")).Status.Should().Be(CreditCommandStatus.ExceedsLimit);
        (await Read(Ada)).Status.Should().Be(CreditReadStatus.NotFound, "a rejected grant opens no account");

        await Initialize(Ada);
        var spent = await Consume(Ada, 1, "k");
        (await Grant(Ada, CreditCommand.MaxAmount, "g")).Status.Should().Be(CreditCommandStatus.ExceedsLimit);
        (await Adjust(Ada, CreditCommand.MaxAmount, "a")).Status.Should().Be(CreditCommandStatus.ExceedsLimit);
        (await Grant(Ada, CreditCommand.MaxAmount - 99, "g")).Status.Should().Be(CreditCommandStatus.Done, "a rejection uses no key");
        (await Refund(Ada, spent, 1, "r")).Status.Should().Be(CreditCommandStatus.ExceedsLimit);
        await ShouldHave(Ada, CreditCommand.MaxAmount, version: 3);
    }

    [Test]
    public async Task Refunds_in_parts_never_exceed_the_charge()
    {
        await Initialize(Ada);
        var spent = await Consume(Ada, 30, "k");

        (await Refund(Ada, spent, 20, "r1")).Should().Match<CreditCommandResult>(result =>
            result.Status == CreditCommandStatus.Done && !result.Replayed && result.EntryId > spent.EntryId);
        var tooMuch = await Refund(Ada, spent, 11, "r2");
        tooMuch.Status.Should().Be(CreditCommandStatus.ExceedsEntry);
        tooMuch.Refundable.Should().Be(10);
        (await Refund(Ada, spent, 10, "r2")).Status.Should().Be(CreditCommandStatus.Done, "a rejection uses no key");
        (await Refund(Ada, spent, 1, "r3")).Refundable.Should().Be(0);
        (await Refund(Ada, spent, null, "r4")).Status.Should().Be(CreditCommandStatus.ExceedsEntry);
        await ShouldHave(Ada, 100, version: 4);
    }

    [Test]
    public async Task A_refund_without_an_amount_returns_the_rest()
    {
        await Initialize(Ada);
        var reservation = await Reserve(Ada, 30, "h");
        var paid = await Capture(Ada, reservation);
        (await Capture(Ada, reservation)).EntryId.Should().Be(paid.EntryId);
        (await Reserve(Ada, 30, "h")).EntryId.Should().Be(paid.EntryId);
        await Refund(Ada, paid, 10, "r1");

        var rest = await Refund(Ada, paid, null, "r2");

        rest.Balance!.Available.Should().Be(100);
        (await Refund(Ada, paid, null, "r2")).Should().Match<CreditCommandResult>(
            result => result.Status == CreditCommandStatus.Done && result.Replayed && result.EntryId == rest.EntryId);
        (await Refund(Ada, paid, 20, "r2")).Status.Should().Be(CreditCommandStatus.KeyConflict);
        await ShouldHave(Ada, 100, version: 5);
    }

    [Test]
    public async Task A_repeated_refund_is_replayed_and_other_arguments_conflict()
    {
        await Initialize(Ada);
        var spent = await Consume(Ada, 30, "k1");
        var other = await Consume(Ada, 30, "k2");
        var first = await Refund(Ada, spent, 20, "r");

        (await Refund(Ada, spent, 20, "r")).Should().Match<CreditCommandResult>(
            result => result.Status == CreditCommandStatus.Done && result.Replayed && result.EntryId == first.EntryId);
        (await Refund(Ada, spent, 10, "r")).Status.Should().Be(CreditCommandStatus.KeyConflict);
        (await Refund(Ada, spent, null, "r")).Status.Should().Be(CreditCommandStatus.KeyConflict);
        (await Refund(Ada, other, 20, "r")).Status.Should().Be(CreditCommandStatus.KeyConflict);
        await ShouldHave(Ada, 60, version: 4);
    }

    [Test]
    public async Task Only_a_charge_of_the_same_user_is_refunded()
    {
        await Initialize(Ada);
        await Initialize(Bob);
        var spent = await Consume(Ada, 30, "k");
        var granted = await Grant(Ada, 30, "g");
        var refunded = await Refund(Ada, spent, 10, "r");
        var adjusted = await Adjust(Ada, -10, "a");

        var foreign = await Refund(Bob, spent, 1, "r1");
        var missing = await Apply(new CreditCommand.Refund(Bob, 1_000_000_000, 1, Key("r1")));
        foreign.Status.Should().Be(CreditCommandStatus.EntryNotFound);
        (missing.Status, missing.Refundable, missing.EntryId).Should().Be((foreign.Status, foreign.Refundable, foreign.EntryId));
        foreach (var entry in new[] { granted, refunded, adjusted })
        {
            (await Refund(Ada, entry, 1, "r1")).Status.Should().Be(CreditCommandStatus.EntryNotFound);
        }

        await ShouldHave(Ada, 100, version: 5);
        await ShouldHave(Bob, 100, version: 1);
    }

    [Test]
    public async Task An_adjustment_is_replayed_only_for_its_amount_and_actor()
    {
        await Initialize(Ada);
        var first = await Adjust(Ada, -30, "a");
        first.Balance!.Available.Should().Be(70);

        (await Adjust(Ada, -30, "a")).Should().Match<CreditCommandResult>(
            result => result.Status == CreditCommandStatus.Done && result.Replayed && result.EntryId == first.EntryId);
        (await Adjust(Ada, 30, "a")).Status.Should().Be(CreditCommandStatus.KeyConflict);
        (await Apply(new CreditCommand.Adjust(Ada, -30, Key("a"), "other", "correction"))).Status
            .Should().Be(CreditCommandStatus.KeyConflict);
        (await Adjust(Ada, 30, "a2")).Balance!.Available.Should().Be(100);
        await ShouldHave(Ada, 100, version: 3);
    }

    [Test]
    public async Task An_adjustment_takes_only_available_credits()
    {
        await Initialize(Ada);
        var reservation = await Reserve(Ada, 60, "h");

        var rejected = await Adjust(Ada, -41, "a");

        rejected.Status.Should().Be(CreditCommandStatus.Insufficient);
        rejected.Required.Should().Be(41);
        (await Adjust(Ada, -CreditCommand.MaxAmount, "a")).Status.Should().Be(CreditCommandStatus.Insufficient);
        (await Adjust(Ada, -40, "a")).Status.Should().Be(CreditCommandStatus.Done);
        await ShouldHave(Ada, 0, held: 60, version: 3);
        (await Capture(Ada, reservation)).Status.Should().Be(CreditCommandStatus.Done);
    }

    [Test]
    public async Task Refunds_and_adjustments_open_no_account()
    {
        (await Apply(new CreditCommand.Refund(Ada, 1, 1, Key("r")))).Status.Should().Be(CreditCommandStatus.NotInitialized);
        (await Adjust(Ada, 5, "a")).Status.Should().Be(CreditCommandStatus.NotInitialized);

        (await Read(Ada)).Status.Should().Be(CreditReadStatus.NotFound);
    }

    [Test]
    public async Task Grants_refunds_and_adjustments_survive_a_reopen()
    {
        await Grant(Ada, 50, "g");
        var spent = await Consume(Ada, 30, "k");
        await Refund(Ada, spent, 10, "r");
        await Adjust(Ada, 5, "a");

        await _testStore.ReopenAsync();

        await ShouldHave(Ada, 135, version: 5);
        (await Grant(Ada, 50, "g")).Replayed.Should().BeTrue();
        (await Refund(Ada, spent, 10, "r")).Replayed.Should().BeTrue();
        (await Adjust(Ada, 5, "a")).Replayed.Should().BeTrue();
        (await Refund(Ada, spent, null, "r2")).Balance!.Available.Should().Be(155);
    }

    [Test]
    public async Task Concurrent_grants_with_one_key_have_one_effect()
    {
        var results = await RunConcurrently(32, _ => Grant(Ada, 50, "order-7"));

        results.Should().OnlyContain(result => result.Status == CreditCommandStatus.Done);
        results.Count(result => !result.Replayed).Should().Be(1);
        results.Count(result => result.Created).Should().Be(1);
        results.Select(result => result.EntryId).Distinct().Should().ContainSingle();
        await ShouldHave(Ada, 150, version: 2);
    }

    [Test]
    public async Task A_purchase_delivered_five_times_by_three_callers_counts_once()
    {
        for (var order = 0; order < 4; order++)
        {
            var key = $"order-{order}";
            var results = await RunConcurrently(3 * 5, _ => Grant(Ada, 10, key));

            results.Should().OnlyContain(result => result.Status == CreditCommandStatus.Done);
            results.Count(result => !result.Replayed).Should().Be(1);
        }

        await ShouldHave(Ada, 140, version: 5);
    }

    [Test]
    public async Task Concurrent_refunds_never_exceed_the_charge()
    {
        await Initialize(Ada);
        var spent = await Consume(Ada, 100, "k");

        var results = await RunConcurrently(32, index => Refund(Ada, spent, index % 4 == 0 ? null : 9, $"r{index}"));

        results.Should().OnlyContain(result => result.Status == CreditCommandStatus.Done
            || result.Status == CreditCommandStatus.ExceedsEntry);
        await ShouldHave(Ada, 100);
    }

    [Test]
    public async Task Concurrent_refunds_with_one_key_have_one_effect()
    {
        await Initialize(Ada);
        var spent = await Consume(Ada, 100, "k");

        var results = await RunConcurrently(32, _ => Refund(Ada, spent, 30, "r"));

        results.Should().OnlyContain(result => result.Status == CreditCommandStatus.Done);
        results.Count(result => !result.Replayed).Should().Be(1);
        await ShouldHave(Ada, 30, version: 3);
    }

    [Test]
    public async Task Concurrent_initializations_and_grants_create_one_account()
    {
        var results = await RunConcurrently(64, index => index % 2 == 0 ? Initialize(Ada) : Grant(Ada, 1, $"g{index}"));

        results.Should().OnlyContain(result => result.Status == CreditCommandStatus.Done);
        results.Count(result => result.Created).Should().Be(1);
        await ShouldHave(Ada, 132, version: 33);
    }

    private ValueTask<CreditCommandResult> Grant(UserId user, long amount, string key) =>
        Apply(new CreditCommand.Grant(user, amount, Key(key), "a purchase"));

    private ValueTask<CreditCommandResult> Refund(UserId user, CreditCommandResult charge, long? amount, string key) =>
        Apply(new CreditCommand.Refund(user, charge.EntryId!.Value, amount, Key(key), "a refund"));

    private ValueTask<CreditCommandResult> Adjust(UserId user, long amount, string key) =>
        Apply(new CreditCommand.Adjust(user, amount, Key(key), "operator", "correction"));
}
