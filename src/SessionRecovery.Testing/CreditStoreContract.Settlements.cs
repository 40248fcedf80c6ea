using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Testing;

public abstract partial class CreditStoreContract
{
    [Test]
    public async Task A_settlement_charges_its_amount_and_returns_the_rest()
    {
        await Initialize(Ada);
        var reservation = await Reserve(Ada, 60, "h");

        var settled = await Settle(Ada, reservation, 20, Response);

        settled.Should().Match<CreditCommandResult>(
            result => result.Status == CreditCommandStatus.Done && !result.Replayed && result.EntryId != null);
        (settled.ReservationId, settled.Attempt).Should().Be((reservation.ReservationId, 1));
        settled.Balance!.HoldExpiresIn.Should().BeNull();
        await ShouldHave(Ada, 80, version: 3);
        var repeat = await Reserve(Ada, 60, "h");
        repeat.Should().Match<CreditCommandResult>(
            result => result.Status == CreditCommandStatus.AlreadyCaptured && result.EntryId == settled.EntryId);
        ShouldBe(repeat.Response, Response);
    }

    [Test]
    public async Task A_statement_shows_the_settled_amount_and_its_reservation()
    {
        await Initialize(Ada);
        var reservation = await Reserve(Ada, 60, "h");
        var settled = await Settle(Ada, reservation, 20);

        var entries = (await ReadHistory(Ada)).Entries;

        entries.Select(entry => (entry.Version, entry.Kind, entry.Amount, entry.HeldDelta, entry.Balance)).Should().Equal(
            (3, CreditEntryKind.Capture, -20, -60, 80),
            (2, CreditEntryKind.Reserve, 0, 60, 100),
            (1, CreditEntryKind.Init, 100, 0, 100));
        (entries[0].Id, entries[0].ReservationId, entries[0].Key?.Value)
            .Should().Be((settled.EntryId!.Value, reservation.ReservationId, "h"));
    }

    [Test]
    public async Task A_repeated_settlement_is_replayed_and_another_amount_conflicts()
    {
        await Initialize(Ada);
        var reservation = await Reserve(Ada, 60, "h");
        var first = await Settle(Ada, reservation, 20, Response);
        await Consume(Ada, 80, "k");

        var repeat = await Settle(Ada, reservation, 20, new StoredResponse(200, "text/plain", null, "another"u8.ToArray()));

        repeat.Should().Match<CreditCommandResult>(
            result => result.Status == CreditCommandStatus.Done && result.Replayed && result.EntryId == first.EntryId);
        ShouldBe(repeat.Response, Response);
        foreach (var amount in new long[] { 0, 19, 21, 60, 61 })
        {
            (await Settle(Ada, reservation, amount)).Should().Match<CreditCommandResult>(
                result => result.Status == CreditCommandStatus.KeyConflict && result.EntryId == null);
        }

        await ShouldHave(Ada, 0, version: 4);
    }

    [Test]
    public async Task A_capture_after_a_settlement_returns_the_first_result()
    {
        await Initialize(Ada);
        var settled = await Reserve(Ada, 60, "settled");
        var first = await Settle(Ada, settled, 20);
        var captured = await Reserve(Ada, 30, "captured");
        var whole = await Capture(Ada, captured);

        (await Capture(Ada, settled)).Should().Match<CreditCommandResult>(
            result => result.Status == CreditCommandStatus.Done && result.Replayed && result.EntryId == first.EntryId);
        (await Settle(Ada, captured, 30)).Should().Match<CreditCommandResult>(
            result => result.Status == CreditCommandStatus.Done && result.Replayed && result.EntryId == whole.EntryId);
        (await Settle(Ada, captured, 29)).Status.Should().Be(CreditCommandStatus.KeyConflict);
        await ShouldHave(Ada, 50, version: 5);
    }

    [Test]
    public async Task A_settlement_above_the_reservation_changes_nothing()
    {
        await Initialize(Ada);
        var reservation = await Reserve(Ada, 60, "h");
        var free = await Reserve(Ada, 0, "free");

        (await Settle(Ada, reservation, 61)).Status.Should().Be(CreditCommandStatus.ExceedsReservation);
        (await Settle(Ada, reservation, CreditCommand.MaxAmount)).Status.Should().Be(CreditCommandStatus.ExceedsReservation);
        (await Settle(Ada, free, 1)).Status.Should().Be(CreditCommandStatus.ExceedsReservation);

        await ShouldHave(Ada, 40, held: 60, version: 2);
        (await Settle(Ada, reservation, 60)).Status.Should().Be(CreditCommandStatus.Done, "the reservation stays open");
        (await Settle(Ada, free, 0)).Status.Should().Be(CreditCommandStatus.Done);
        await ShouldHave(Ada, 40, version: 3);
    }

    [Test]
    public async Task A_settlement_of_nothing_uses_the_key_without_a_charge()
    {
        await Initialize(Ada);
        var reservation = await Reserve(Ada, 60, "h");

        var settled = await Settle(Ada, reservation, 0, Response);

        (settled.Status, settled.EntryId).Should().Be((CreditCommandStatus.Done, null));
        await ShouldHave(Ada, 100, version: 3);
        ShouldBe((await Reserve(Ada, 60, "h")).Response, Response);
        (await Settle(Ada, reservation, 0)).Should().Match<CreditCommandResult>(
            result => result.Status == CreditCommandStatus.Done && result.Replayed && result.EntryId == null);
        (await Settle(Ada, reservation, 1)).Status.Should().Be(CreditCommandStatus.KeyConflict);
        (await Release(Ada, reservation)).Status.Should().Be(CreditCommandStatus.AlreadyClosed);
        (await Consume(Ada, 60, "h")).Status.Should().Be(CreditCommandStatus.KeyConflict);
        await ShouldHave(Ada, 100, version: 3);
    }

    [Test]
    public async Task An_expired_reservation_is_settled_if_its_amount_is_available()
    {
        await Initialize(Ada);
        var reservation = await Reserve(Ada, 60, "h");
        AdvanceTime(TenSeconds);
        await Consume(Ada, 90, "k");

        var rejected = await Settle(Ada, reservation, 11);
        rejected.Should().Match<CreditCommandResult>(
            result => result.Status == CreditCommandStatus.Expired && result.Required == 11);
        (await Settle(Ada, reservation, 61)).Status.Should().Be(CreditCommandStatus.ExceedsReservation);
        (await Settle(Ada, reservation, 10)).Should().Match<CreditCommandResult>(
            result => result.Status == CreditCommandStatus.Done && !result.Replayed);

        await ShouldHave(Ada, 0, version: 5);
        (await Settle(Ada, reservation, 11)).Status.Should().Be(CreditCommandStatus.KeyConflict);
    }

    [Test]
    public async Task An_expired_reservation_settled_with_nothing_adds_no_entry()
    {
        await Initialize(Ada);
        var reservation = await Reserve(Ada, 60, "h");
        AdvanceTime(TenSeconds);
        await ShouldHave(Ada, 100, version: 3);

        (await Settle(Ada, reservation, 0)).Status.Should().Be(CreditCommandStatus.Done);

        await ShouldHave(Ada, 100, version: 3);
        (await Reserve(Ada, 60, "h")).Status.Should().Be(CreditCommandStatus.AlreadyCaptured);
    }

    [Test]
    public async Task A_settlement_by_an_older_attempt_is_superseded()
    {
        await Initialize(Ada);
        var older = await Reserve(Ada, 60, "h", Guid.NewGuid());
        AdvanceTime(TenSeconds);
        var current = await Reserve(Ada, 60, "h", Guid.NewGuid());

        (await Settle(Ada, older, 10)).Status.Should().Be(CreditCommandStatus.Superseded);
        (await Settle(Ada, current with { Attempt = 3 }, 10)).Status.Should().Be(CreditCommandStatus.AlreadyClosed);
        (await Settle(Ada, current, 20)).Status.Should().Be(CreditCommandStatus.Done);
        (await Settle(Ada, older, 20)).Status.Should().Be(CreditCommandStatus.Superseded);
        await ShouldHave(Ada, 80, version: 5);
    }

    [Test]
    public async Task A_released_or_foreign_reservation_is_not_settled()
    {
        await Initialize(Ada);
        await Initialize(Bob);
        var open = await Reserve(Ada, 10, "open");
        var released = await Reserve(Ada, 10, "released");
        await Release(Ada, released);

        (await Settle(Ada, released, 5)).Status.Should().Be(CreditCommandStatus.AlreadyClosed);
        foreach (var user in new[] { Bob, CreateUser("stranger") })
        {
            (await Settle(user, open, 5)).Should().Match<CreditCommandResult>(
                result => result.Status == CreditCommandStatus.AlreadyClosed && result.ReservationId == null);
        }

        await ShouldHave(Ada, 90, held: 10, version: 4);
        await ShouldHave(Bob, 100, version: 1);
    }

    [Test]
    public async Task Refunds_of_a_settlement_never_exceed_the_settled_amount()
    {
        await Initialize(Ada);
        var settled = await Settle(Ada, await Reserve(Ada, 60, "h"), 20);

        (await Refund(Ada, settled, 21, "r1")).Should().Match<CreditCommandResult>(
            result => result.Status == CreditCommandStatus.ExceedsEntry && result.Refundable == 20);
        (await Refund(Ada, settled, null, "r2")).Status.Should().Be(CreditCommandStatus.Done);
        (await Refund(Ada, settled, 1, "r3")).Status.Should().Be(CreditCommandStatus.ExceedsEntry);
        await ShouldHave(Ada, 100, version: 4);
    }

    [Test]
    public async Task Settlements_survive_a_reopen()
    {
        await Initialize(Ada);
        var reservation = await Reserve(Ada, 60, "h");
        await Settle(Ada, reservation, 20, Response);

        await _testStore.ReopenAsync();

        await ShouldHave(Ada, 80, version: 3);
        ShouldBe((await Settle(Ada, reservation, 20)).Response, Response);
        (await Settle(Ada, reservation, 21)).Status.Should().Be(CreditCommandStatus.KeyConflict);
    }

    [Test]
    public async Task Concurrent_equal_settlements_charge_once()
    {
        await Initialize(Ada);
        var reservation = await Reserve(Ada, 60, "h");

        var results = await RunConcurrently(32, _ => Settle(Ada, reservation, 20));

        results.Should().OnlyContain(result => result.Status == CreditCommandStatus.Done);
        results.Count(result => !result.Replayed).Should().Be(1);
        results.Select(result => result.EntryId).Distinct().Should().ContainSingle();
        await ShouldHave(Ada, 80, version: 3);
    }

    [Test]
    public async Task Concurrent_different_settlements_charge_the_first_amount()
    {
        await Initialize(Ada);
        var reservation = await Reserve(Ada, 60, "h");

        var results = await RunConcurrently(32, index => Settle(Ada, reservation, index));

        results.Count(result => result.Status == CreditCommandStatus.Done).Should().Be(1);
        results.Count(result => result.Status == CreditCommandStatus.KeyConflict).Should().Be(31);
        var charged = Array.FindIndex(results, result => result.Status == CreditCommandStatus.Done);
        await ShouldHave(Ada, 100 - charged, version: 3);
    }

    [Test]
    public async Task A_concurrent_settlement_and_capture_charge_one_amount()
    {
        await Initialize(Ada);
        for (var round = 0; round < 10; round++)
        {
            var before = (await Read(Ada)).Balance!;
            var reservation = await Reserve(Ada, 5, $"h{round}");

            var results = await RunConcurrently(8, index => index % 2 == 0 ? Settle(Ada, reservation, 2) : Capture(Ada, reservation));

            var isSettled = results[0].Status == CreditCommandStatus.Done;
            results.Where((_, index) => index % 2 == 0).Should().OnlyContain(
                result => result.Status == (isSettled ? CreditCommandStatus.Done : CreditCommandStatus.KeyConflict));
            results.Where((_, index) => index % 2 == 1).Should().OnlyContain(result => result.Status == CreditCommandStatus.Done);
            results.Count(result => result.Status == CreditCommandStatus.Done && !result.Replayed).Should().Be(1);
            await ShouldHave(Ada, before.Available - (isSettled ? 2 : 5), version: before.Version + 2);
        }
    }

    [Test]
    public async Task A_concurrent_settlement_and_release_end_a_reservation_once()
    {
        await Initialize(Ada);
        for (var round = 0; round < 10; round++)
        {
            var before = (await Read(Ada)).Balance!;
            var reservation = await Reserve(Ada, 5, $"h{round}");

            var results = await RunConcurrently(8, index => index % 2 == 0 ? Settle(Ada, reservation, 2) : Release(Ada, reservation));

            var isSettled = results[0].Status == CreditCommandStatus.Done;
            results.Select(result => result.Status).Should().Equal(Enumerable.Range(0, 8).Select(index =>
                (index % 2 == 0) == isSettled ? CreditCommandStatus.Done : CreditCommandStatus.AlreadyClosed));
            await ShouldHave(Ada, before.Available - (isSettled ? 2 : 0), version: before.Version + 2);
        }
    }

    [Test]
    public async Task A_settlement_during_the_expiry_charges_once()
    {
        await Initialize(Ada);
        for (var round = 0; round < 10; round++)
        {
            var before = (await Read(Ada)).Balance!;
            var reservation = await Reserve(Ada, 5, $"h{round}");
            AdvanceTime(TenSeconds);

            var results = await RunConcurrently(8, index => index % 2 == 0
                ? Settle(Ada, reservation, 2)
                : Consume(Ada, 1, $"k{round}-{index}"));

            results.Should().OnlyContain(result => result.Status == CreditCommandStatus.Done);
            results.Where((_, index) => index % 2 == 0).Count(result => !result.Replayed).Should().Be(1);
            await ShouldHave(Ada, before.Available - 2 - 4, version: before.Version + 2 + 1 + 4);
        }
    }

    private ValueTask<CreditCommandResult> Settle(
        UserId user, CreditCommandResult reservation, long amount, StoredResponse? response = null) =>
        Apply(new CreditCommand.Settle(user, reservation.ReservationId!.Value, reservation.Attempt, amount, response));
}
