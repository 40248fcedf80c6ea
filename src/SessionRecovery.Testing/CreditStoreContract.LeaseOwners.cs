using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;

namespace SessionRecovery.Testing;

public abstract partial class CreditStoreContract
{
    [Test]
    public async Task A_lease_owner_gets_its_own_reservation_back()
    {
        await Initialize(Ada);
        var leaseOwner = Guid.NewGuid();
        var first = await Reserve(Ada, 60, "h", leaseOwner);
        AdvanceTime(TimeSpan.FromSeconds(5));

        var repeat = await Reserve(Ada, 60, "h", leaseOwner);

        repeat.Status.Should().Be(CreditCommandStatus.Done);
        repeat.Replayed.Should().BeTrue();
        repeat.ReservationId.Should().Be(first.ReservationId);
        repeat.Attempt.Should().Be(1);
        await ShouldHave(Ada, 40, held: 60, version: 2);
    }

    [Test]
    public async Task Host_code_gets_its_own_reservation_back()
    {
        await Initialize(Ada);
        var first = await Reserve(Ada, 60, "h");

        var repeat = await Reserve(Ada, 60, "h");

        repeat.Should().Match<CreditCommandResult>(result => result.Status == CreditCommandStatus.Done && result.Replayed
            && result.ReservationId == first.ReservationId);
        (await Reserve(Ada, 60, "h", Guid.NewGuid())).Status.Should().Be(CreditCommandStatus.InProgress, "a lease owner is not host code");
    }

    [Test]
    public async Task Another_lease_owner_waits_for_the_remaining_reservation_lifetime()
    {
        await Initialize(Ada);
        await Reserve(Ada, 60, "h", Guid.NewGuid());
        AdvanceTime(TimeSpan.FromSeconds(4));

        var second = await Reserve(Ada, 60, "h", Guid.NewGuid());

        second.Status.Should().Be(CreditCommandStatus.InProgress);
        second.RetryAfter.Should().Be(TimeSpan.FromSeconds(6));
        second.ReservationId.Should().BeNull();
        (await Reserve(Ada, 60, "h")).Status.Should().Be(CreditCommandStatus.InProgress, "host code is not the lease owner");
        await ShouldHave(Ada, 40, held: 60, version: 2);
    }

    [Test]
    public async Task A_released_key_is_reserved_again_as_the_next_attempt()
    {
        await Initialize(Ada);
        var first = await Reserve(Ada, 60, "h", Guid.NewGuid());
        await Release(Ada, first);

        var second = await Reserve(Ada, 60, "h", Guid.NewGuid());

        second.Should()
            .Match<CreditCommandResult>(result => result.Status == CreditCommandStatus.Done && !result.Replayed && result.Attempt == 2);
        second.ReservationId.Should().Be(first.ReservationId, "there is one reservation for a key");
        await ShouldHave(Ada, 40, held: 60, version: 4);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_key_reserved_again_has_the_new_lease_owner_and_lifetime(bool expired)
    {
        await Initialize(Ada);
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        var reservation = await Reserve(Ada, 60, "h", first);
        if (expired)
        {
            AdvanceTime(TenSeconds);
        }
        else
        {
            await Release(Ada, reservation);
        }

        var again = await ReserveFor(second);

        again.Should().Match<CreditCommandResult>(result => result.Status == CreditCommandStatus.Done && !result.Replayed);
        again.Balance!.HoldExpiresIn.Should().Be(TimeSpan.FromSeconds(30), "the lifetime is the one of the new command");
        (await ReserveFor(second)).Should().Match<CreditCommandResult>(
            result => result.Status == CreditCommandStatus.Done && result.Replayed && result.Attempt == 2,
            "the second request owns the key now");
        (await ReserveFor(first)).Status.Should().Be(CreditCommandStatus.InProgress, "the first request does not own the key any more");
        await ShouldHave(Ada, 40, held: 60, version: 4);

        ValueTask<CreditCommandResult> ReserveFor(Guid leaseOwner) =>
            Apply(new CreditCommand.Reserve(Ada, 60, Key("h"), TimeSpan.FromSeconds(30), fingerprint: null, leaseOwner));
    }

    [Test]
    public async Task The_next_attempt_is_checked_against_the_balance_again()
    {
        await Initialize(Ada);
        await Release(Ada, await Reserve(Ada, 60, "h"));
        await Consume(Ada, 41, "k");

        (await Reserve(Ada, 60, "h")).Status.Should().Be(CreditCommandStatus.Insufficient);
        await ShouldHave(Ada, 59, version: 4);
    }

    [Test]
    public async Task Exactly_one_of_two_lease_owners_captures_a_key()
    {
        await Initialize(Ada);
        var slow = await Reserve(Ada, 30, "h", Guid.NewGuid());
        AdvanceTime(TenSeconds);
        var second = await Reserve(Ada, 30, "h", Guid.NewGuid());
        second.Attempt.Should().Be(2);

        (await Capture(Ada, slow, Response)).Status.Should().Be(CreditCommandStatus.Superseded);
        (await Renew(Ada, slow)).Status.Should().Be(CreditCommandStatus.Superseded);
        (await Release(Ada, slow)).Status.Should().Be(CreditCommandStatus.Superseded);
        await ShouldHave(Ada, 70, held: 30, version: 4);

        (await Capture(Ada, second, Response)).Status.Should().Be(CreditCommandStatus.Done);
        (await Capture(Ada, slow, Response)).Status.Should().Be(CreditCommandStatus.Superseded);
        await ShouldHave(Ada, 70, version: 5);
    }

    [Test]
    public async Task Concurrent_lease_owners_reserve_a_key_once()
    {
        await Initialize(Ada);

        var results = await RunConcurrently(16, _ => Reserve(Ada, 60, "h", Guid.NewGuid()));

        results.Count(result => result.Status == CreditCommandStatus.Done).Should().Be(1);
        results.Count(result => result.Status == CreditCommandStatus.InProgress).Should().Be(15);
        await ShouldHave(Ada, 40, held: 60, version: 2);
    }

    [Test]
    public async Task An_attempt_that_never_existed_is_rejected()
    {
        await Initialize(Ada);
        var reservation = await Reserve(Ada, 10, "h");

        (await Capture(Ada, reservation with { Attempt = 2 })).Status.Should().Be(CreditCommandStatus.AlreadyClosed);
        await ShouldHave(Ada, 90, held: 10, version: 2);
    }

    [Test]
    public async Task A_reopened_store_ends_leased_reservations_and_keeps_host_ones()
    {
        await Initialize(Ada);
        var leased = await Reserve(Ada, 20, "leaseOwner", Guid.NewGuid());
        var unleased = await Reserve(Ada, 30, "host");

        await _testStore.ReopenAsync();

        if (!_testStore.HasOneOwner)
        {
            await ShouldHave(Ada, 50, held: 50, version: 3);
            return;
        }

        await ShouldHave(Ada, 70, held: 30, version: 4);
        (await Capture(Ada, leased)).Status.Should().Be(CreditCommandStatus.AlreadyClosed);
        var repeat = await Reserve(Ada, 20, "leaseOwner", Guid.NewGuid());
        repeat.Should().Match<CreditCommandResult>(result => result.Status == CreditCommandStatus.Done
            && result.Attempt == 2, "the repeat after a crash runs at once");
        (await Capture(Ada, unleased)).Status.Should().Be(CreditCommandStatus.Done);
        (await Capture(Ada, repeat)).Status.Should().Be(CreditCommandStatus.Done);
        await ShouldHave(Ada, 50, version: 7);
    }
}
