using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;

namespace SessionRecovery.Testing;

public abstract partial class CreditStoreContract
{
    [Test]
    public async Task A_reservation_lowers_available_credits_and_returns_its_expiry()
    {
        await Initialize(Ada);

        var reservation = await Reserve(Ada, 60, "h");

        reservation.Status.Should().Be(CreditCommandStatus.Done);
        reservation.Replayed.Should().BeFalse();
        reservation.ReservationId.Should().NotBeNull();
        reservation.Attempt.Should().Be(1);
        reservation.Balance!.HoldExpiresIn.Should().Be(TenSeconds);
        await ShouldHave(Ada, 40, held: 60, version: 2);

        AdvanceTime(TimeSpan.FromSeconds(4));
        (await Read(Ada)).Balance!.HoldExpiresIn.Should().Be(TimeSpan.FromSeconds(6));
    }

    [Test]
    public async Task An_uncovered_reservation_is_rejected_without_effect()
    {
        await Initialize(Ada);

        var rejected = await Reserve(Ada, 101, "h");

        rejected.Status.Should().Be(CreditCommandStatus.Insufficient);
        rejected.Required.Should().Be(101);
        rejected.ReservationId.Should().BeNull();
        await ShouldHave(Ada, 100, version: 1);
        (await Consume(Ada, 1, "h")).Status.Should().Be(CreditCommandStatus.Done, "a rejected command does not use up its key");
    }

    [Test]
    public async Task A_captured_reservation_is_charged_in_one_change()
    {
        await Initialize(Ada);
        var reservation = await Reserve(Ada, 60, "h");

        var captured = await Capture(Ada, reservation);

        captured.Status.Should().Be(CreditCommandStatus.Done);
        captured.Replayed.Should().BeFalse();
        captured.ReservationId.Should().Be(reservation.ReservationId);
        captured.Balance!.HoldExpiresIn.Should().BeNull();
        await ShouldHave(Ada, 40, version: 3);
    }

    [Test]
    public async Task A_released_reservation_returns_everything()
    {
        await Initialize(Ada);
        var reservation = await Reserve(Ada, 60, "h");

        (await Release(Ada, reservation)).Should()
            .Match<CreditCommandResult>(result => result.Status == CreditCommandStatus.Done && !result.Replayed);
        await ShouldHave(Ada, 100, version: 3);

        (await Release(Ada, reservation)).Should()
            .Match<CreditCommandResult>(result => result.Status == CreditCommandStatus.Done && result.Replayed);
        await ShouldHave(Ada, 100, version: 3);
    }

    [Test]
    public async Task A_reservation_expires_on_time_and_every_read_shows_it()
    {
        await Initialize(Ada);
        await Reserve(Ada, 60, "h");

        AdvanceTime(TenSeconds - TimeSpan.FromMicroseconds(1));
        await ShouldHave(Ada, 40, held: 60, version: 2);

        AdvanceTime(TimeSpan.FromMicroseconds(1));
        await ShouldHave(Ada, 100, version: 3);
        await ShouldHave(Ada, 100, version: 3);
    }

    [Test]
    public async Task Due_reservations_count_as_released_at_every_charge()
    {
        await Initialize(Ada);
        await Reserve(Ada, 60, "h1");
        await Reserve(Ada, 30, "h2");
        AdvanceTime(TenSeconds);

        (await Consume(Ada, 100, "k")).Status.Should().Be(CreditCommandStatus.Done);
        await ShouldHave(Ada, 0, version: 6);
    }

    [Test]
    public async Task A_renewed_reservation_lasts_without_a_new_version()
    {
        await Initialize(Ada);
        var reservation = await Reserve(Ada, 60, "h");
        for (var i = 0; i < 5; i++)
        {
            AdvanceTime(TimeSpan.FromSeconds(8));
            (await Renew(Ada, reservation)).Should().Match<CreditCommandResult>(result => result.Status == CreditCommandStatus.Done
                && result.Balance!.HoldExpiresIn == TenSeconds);
        }

        await ShouldHave(Ada, 40, held: 60, version: 2);
        AdvanceTime(TenSeconds);
        await ShouldHave(Ada, 100, version: 3);
    }

    [Test]
    public async Task Renewal_after_expiry_reserves_again_while_the_balance_suffices()
    {
        await Initialize(Ada);
        var reservation = await Reserve(Ada, 60, "h");
        AdvanceTime(TenSeconds);

        (await Renew(Ada, reservation)).Should()
            .Match<CreditCommandResult>(result => result.Status == CreditCommandStatus.Done && result.Attempt == 1);
        await ShouldHave(Ada, 40, held: 60, version: 4);

        AdvanceTime(TenSeconds);
        await Consume(Ada, 41, "k");
        var rejected = await Renew(Ada, reservation);
        rejected.Status.Should().Be(CreditCommandStatus.Expired);
        rejected.Required.Should().Be(60);
        await ShouldHave(Ada, 59, version: 6);
    }

    [Test]
    public async Task An_expired_reservation_is_captured_while_the_balance_suffices()
    {
        await Initialize(Ada);
        var reservation = await Reserve(Ada, 60, "h");
        AdvanceTime(TimeSpan.FromHours(2));
        await ShouldHave(Ada, 100, version: 3);

        (await Capture(Ada, reservation, Response)).Should()
            .Match<CreditCommandResult>(result => result.Status == CreditCommandStatus.Done && !result.Replayed);

        await ShouldHave(Ada, 40, version: 4);
        (await Reserve(Ada, 60, "h")).Status.Should().Be(CreditCommandStatus.AlreadyCaptured);
    }

    [Test]
    public async Task An_expired_reservation_is_not_captured_without_a_sufficient_balance()
    {
        await Initialize(Ada);
        var reservation = await Reserve(Ada, 60, "h");
        AdvanceTime(TenSeconds);
        await Consume(Ada, 50, "k");

        var rejected = await Capture(Ada, reservation);

        rejected.Status.Should().Be(CreditCommandStatus.Expired);
        rejected.Required.Should().Be(60);
        await ShouldHave(Ada, 50, version: 4);
    }

    [Test]
    public async Task Concurrent_capture_and_release_close_a_reservation_once()
    {
        await Initialize(Ada);
        for (var round = 0; round < 10; round++)
        {
            var before = (await Read(Ada)).Balance!;
            var reservation = await Reserve(Ada, 5, $"h{round}");

            var results = await RunConcurrently(8, index => index % 2 == 0 ? Capture(Ada, reservation) : Release(Ada, reservation));

            var captured = results.Where((_, index) => index % 2 == 0).Count(result => result.Succeeded);
            captured.Should().BeOneOf(0, 4);
            results.Count(result => result.Succeeded).Should()
                .Be(4, "either all captures succeed, one of them as the first, or all releases");
            await ShouldHave(Ada, before.Available - (captured == 4 ? 5 : 0), version: before.Version + 2);
        }
    }

    [Test]
    public async Task A_closed_reservation_cannot_be_closed_another_way()
    {
        await Initialize(Ada);
        var captured = await Reserve(Ada, 10, "captured");
        await Capture(Ada, captured);
        var released = await Reserve(Ada, 10, "released");
        await Release(Ada, released);

        (await Release(Ada, captured)).Status.Should().Be(CreditCommandStatus.AlreadyClosed);
        (await Renew(Ada, captured)).Status.Should().Be(CreditCommandStatus.AlreadyClosed);
        (await Capture(Ada, released)).Status.Should().Be(CreditCommandStatus.AlreadyClosed);
        (await Renew(Ada, released)).Status.Should().Be(CreditCommandStatus.AlreadyClosed);
        await ShouldHave(Ada, 90, version: 5);
    }

    [Test]
    public async Task A_release_after_expiry_rules_out_a_late_capture()
    {
        await Initialize(Ada);
        var reservation = await Reserve(Ada, 10, "h");
        AdvanceTime(TenSeconds);

        (await Release(Ada, reservation)).Status.Should().Be(CreditCommandStatus.Done);

        (await Capture(Ada, reservation)).Status.Should().Be(CreditCommandStatus.AlreadyClosed);
        await ShouldHave(Ada, 100, version: 3);
    }

    [Test]
    public async Task A_foreign_reservation_looks_missing_and_stays_unchanged()
    {
        await Initialize(Ada);
        await Initialize(Bob);
        var reservation = await Reserve(Ada, 10, "h");
        var stranger = CreateUser("stranger");

        foreach (var other in new[] { Bob, stranger })
        {
            var missing = new CreditCommandResult(CreditCommandStatus.Done) { ReservationId = Guid.NewGuid(), Attempt = 1 };
            foreach (var target in new[] { reservation, missing })
            {
                (await Renew(other, target)).Should().Match<CreditCommandResult>(
                    result => result.Status == CreditCommandStatus.AlreadyClosed && result.ReservationId == null);
                (await Capture(other, target)).Should().Match<CreditCommandResult>(
                    result => result.Status == CreditCommandStatus.AlreadyClosed && result.ReservationId == null);
                (await Release(other, target)).Should().Match<CreditCommandResult>(
                    result => result.Status == CreditCommandStatus.AlreadyClosed && result.ReservationId == null);
            }
        }

        await ShouldHave(Ada, 90, held: 10, version: 2);
        await ShouldHave(Bob, 100, version: 1);
        (await Read(stranger)).Status.Should().Be(CreditReadStatus.NotFound);
    }

    [Test]
    public async Task A_reservation_expires_while_the_store_is_closed()
    {
        await Initialize(Ada);
        var reservation = await Reserve(Ada, 60, "h");
        AdvanceTime(TimeSpan.FromMinutes(5));

        await _testStore.ReopenAsync();

        await ShouldHave(Ada, 100, version: 3);
        (await Capture(Ada, reservation)).Status.Should().Be(CreditCommandStatus.Done);
        await ShouldHave(Ada, 40, version: 4);
    }
}
