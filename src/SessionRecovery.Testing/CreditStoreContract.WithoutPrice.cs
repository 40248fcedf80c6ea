using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;

namespace SessionRecovery.Testing;

public abstract partial class CreditStoreContract
{
    [Test]
    public async Task A_reservation_without_a_price_changes_no_balance()
    {
        await Initialize(Ada);

        var reservation = await Reserve(Ada, 0, "h", Guid.NewGuid(), "print");
        reservation.Should().Match<CreditCommandResult>(
            result => result.Status == CreditCommandStatus.Done && !result.Replayed && result.Attempt == 1);
        reservation.ReservationId.Should().NotBeNull();
        reservation.Balance!.HoldExpiresIn.Should().BeNull();
        (await Renew(Ada, reservation)).Status.Should().Be(CreditCommandStatus.Done);
        (await Capture(Ada, reservation, Response)).Should().Match<CreditCommandResult>(
            result => result.Status == CreditCommandStatus.Done && !result.Replayed);
        (await Capture(Ada, reservation, Response)).Should().Match<CreditCommandResult>(
            result => result.Status == CreditCommandStatus.Done && result.Replayed);

        var repeat = await Reserve(Ada, 0, "h", Guid.NewGuid(), "print");
        repeat.Status.Should().Be(CreditCommandStatus.AlreadyCaptured);
        ShouldBe(repeat.Response, Response);
        (await Release(Ada, reservation)).Status.Should().Be(CreditCommandStatus.AlreadyClosed);
        await ShouldHave(Ada, 100, version: 1);
    }

    [Test]
    public async Task A_reservation_without_a_price_needs_no_credits()
    {
        await Initialize(Ada);
        await Consume(Ada, 100, "k");

        (await Capture(Ada, await Reserve(Ada, 0, "h"))).Status.Should().Be(CreditCommandStatus.Done);

        await ShouldHave(Ada, 0, version: 2);
    }

    [Test]
    public async Task A_reservation_without_a_price_needs_no_account()
    {
        var stranger = CreateUser("stranger");
        var leaseOwner = Guid.NewGuid();

        var first = await Reserve(stranger, 0, "h", leaseOwner, "print");
        first.Should().Match<CreditCommandResult>(result => result.Status == CreditCommandStatus.Done && result.Balance == null);
        (await Reserve(stranger, 0, "h", leaseOwner, "print")).Should().Match<CreditCommandResult>(
            result => result.Status == CreditCommandStatus.Done && result.Replayed && result.ReservationId == first.ReservationId);
        (await Reserve(stranger, 0, "h", Guid.NewGuid(), "print")).Status.Should().Be(CreditCommandStatus.InProgress);
        (await Renew(stranger, first)).Status.Should().Be(CreditCommandStatus.Done);
        (await Release(stranger, first)).Status.Should().Be(CreditCommandStatus.Done);
        var second = await Reserve(stranger, 0, "h", Guid.NewGuid(), "print");
        second.Attempt.Should().Be(2);
        (await Capture(stranger, first)).Status.Should().Be(CreditCommandStatus.Superseded);
        (await Capture(stranger, second, Response)).Status.Should().Be(CreditCommandStatus.Done);
        ShouldBe((await Reserve(stranger, 0, "h", Guid.NewGuid(), "print")).Response, Response);

        (await Reserve(stranger, 0, "h", Guid.NewGuid(), "other")).Status.Should().Be(CreditCommandStatus.KeyConflict);
        (await Reserve(stranger, 1, "k")).Status.Should().Be(CreditCommandStatus.NotInitialized);
        (await Read(stranger)).Status.Should().Be(CreditReadStatus.NotFound);
    }

    [Test]
    public async Task An_account_keeps_the_keys_from_before_it()
    {
        var open = await Reserve(Ada, 0, "open");
        await Capture(Ada, await Reserve(Ada, 0, "captured"), Response);
        await Initialize(Ada);

        (await Reserve(Ada, 0, "captured")).Status.Should().Be(CreditCommandStatus.AlreadyCaptured);
        (await Capture(Ada, open)).Status.Should().Be(CreditCommandStatus.Done);
        (await Consume(Ada, 5, "open")).Status.Should().Be(CreditCommandStatus.KeyConflict);
        await ShouldHave(Ada, 100, version: 1);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task An_expired_reservation_without_a_price_frees_its_key(bool hasAccount)
    {
        if (hasAccount)
        {
            await Initialize(Ada);
        }

        var first = await Reserve(Ada, 0, "h", Guid.NewGuid());
        AdvanceTime(TenSeconds - TimeSpan.FromMicroseconds(1));
        (await Reserve(Ada, 0, "h", Guid.NewGuid())).Status.Should().Be(CreditCommandStatus.InProgress);
        AdvanceTime(TimeSpan.FromMicroseconds(1));

        var second = await Reserve(Ada, 0, "h", Guid.NewGuid());

        second.Should().Match<CreditCommandResult>(result => result.Status == CreditCommandStatus.Done && result.Attempt == 2);
        (await Capture(Ada, first)).Status.Should().Be(CreditCommandStatus.Superseded);
        AdvanceTime(TenSeconds);
        (await Renew(Ada, second)).Status.Should().Be(CreditCommandStatus.Done);
        (await Reserve(Ada, 0, "h", Guid.NewGuid())).Status.Should().Be(CreditCommandStatus.InProgress, "the renewal holds the key again");
        AdvanceTime(TenSeconds);
        (await Capture(Ada, second)).Status.Should().Be(CreditCommandStatus.Done, "the work is done");
    }

    [Test]
    public async Task A_key_that_is_released_after_expiry_is_not_captured()
    {
        var reservation = await Reserve(Ada, 0, "h");
        AdvanceTime(TenSeconds);

        (await Release(Ada, reservation)).Status.Should().Be(CreditCommandStatus.Done);

        (await Capture(Ada, reservation)).Status.Should().Be(CreditCommandStatus.AlreadyClosed);
    }

    [Test]
    public async Task An_unfinished_request_may_lose_or_get_its_price()
    {
        await Initialize(Ada);
        var paid = await Reserve(Ada, 30, "h", Guid.NewGuid(), "print");
        AdvanceTime(TenSeconds);

        var free = await Reserve(Ada, 0, "h", Guid.NewGuid(), "print");
        free.Attempt.Should().Be(2);
        await ShouldHave(Ada, 100, version: 3);
        await Release(Ada, free);
        var again = await Reserve(Ada, 40, "h", Guid.NewGuid(), "print");
        again.Attempt.Should().Be(3);
        await ShouldHave(Ada, 60, held: 40, version: 4);

        (await Capture(Ada, paid)).Status.Should().Be(CreditCommandStatus.Superseded);
        (await Capture(Ada, again)).Status.Should().Be(CreditCommandStatus.Done);
        await ShouldHave(Ada, 60, version: 5);
    }

    [Test]
    public async Task One_of_concurrent_callers_reserves_a_key_without_account()
    {
        var results = await RunConcurrently(8, _ => Reserve(Ada, 0, "h", Guid.NewGuid(), "print"));

        results.Count(result => result.Status == CreditCommandStatus.Done).Should().Be(1);
        results.Count(result => result.Status == CreditCommandStatus.InProgress).Should().Be(7);
    }

    [Test]
    public async Task A_reopened_store_frees_leased_keys_without_a_price()
    {
        await Reserve(Ada, 0, "request", Guid.NewGuid());
        await Reserve(Ada, 0, "host");

        await _testStore.ReopenAsync();

        (await Reserve(Ada, 0, "request", Guid.NewGuid())).Status.Should().Be(
            _testStore.HasOneOwner ? CreditCommandStatus.Done : CreditCommandStatus.InProgress);
        (await Reserve(Ada, 0, "host")).Should().Match<CreditCommandResult>(
            result => result.Status == CreditCommandStatus.Done && result.Replayed);
    }
}
