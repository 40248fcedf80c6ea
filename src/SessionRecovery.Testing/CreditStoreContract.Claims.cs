using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Testing;

public abstract partial class CreditStoreContract
{
    [Test]
    public async Task A_claim_supersedes_the_earlier_holder()
    {
        await Initialize(Ada);
        var first = await Reserve(Ada, 60, "job");

        var second = await Claim(Ada, first);

        (second.Status, second.ReservationId, second.Attempt).Should().Be((CreditCommandStatus.Done, first.ReservationId, 2));
        (await Renew(Ada, first)).Status.Should().Be(CreditCommandStatus.Superseded);
        (await Release(Ada, first)).Status.Should().Be(CreditCommandStatus.Superseded);
        (await Capture(Ada, first)).Status.Should().Be(CreditCommandStatus.Superseded);
        (await Claim(Ada, first)).Status.Should().Be(CreditCommandStatus.Superseded);
        await ShouldHave(Ada, 40, held: 60, version: 2);
        (await Capture(Ada, second)).Status.Should().Be(CreditCommandStatus.Done);
        await ShouldHave(Ada, 40, version: 3);
    }

    [Test]
    public async Task Two_workers_claim_every_open_reservation_once()
    {
        await Initialize(Ada);
        for (var index = 0; index < 8; index++)
        {
            await Reserve(Ada, 1, $"job-{index}");
        }

        var lists = await Task.WhenAll(ListOpen(Ada), ListOpen(Ada));
        var jobs = lists.SelectMany(static list => list).ToList();
        var claims = await RunConcurrently(jobs.Count, index => Claim(Ada, ToResult(jobs[index])));

        claims.Count(static claim => claim.Status == CreditCommandStatus.Done).Should().Be(8);
        claims.Count(static claim => claim.Status == CreditCommandStatus.Superseded).Should().Be(8);
        await RunConcurrently(jobs.Count, index => Release(Ada, ToResult(jobs[index])));
        var won = claims.Where(static claim => claim.Status == CreditCommandStatus.Done).ToList();
        (await RunConcurrently(won.Count, index => Capture(Ada, won[index])))
            .Should().OnlyContain(static result => result.Status == CreditCommandStatus.Done && !result.Replayed);
        await ShouldHave(Ada, 92);
    }

    [Test]
    public async Task A_claimed_reservation_survives_a_restart()
    {
        await Initialize(Ada);
        var claimed = await Claim(Ada, await Reserve(Ada, 60, "job", leaseOwner: Guid.NewGuid()));
        await _testStore.ReopenAsync();

        (await ListOpen(Ada)).Should().ContainSingle().Which.Should().Match<OpenCreditReservation>(
            open => open.Attempt == 2 && open.LeaseOwner == null);
        (await Capture(Ada, claimed)).Status.Should().Be(CreditCommandStatus.Done);
    }

    [Test]
    public async Task A_claim_after_expiry_reserves_again_while_the_balance_suffices()
    {
        await Initialize(Ada);
        var reservation = await Reserve(Ada, 60, "job");
        AdvanceTime(TenSeconds);
        await Consume(Ada, 50, "k");

        (await Claim(Ada, reservation)).Should().Match<CreditCommandResult>(
            result => result.Status == CreditCommandStatus.Expired && result.Required == 60);
        await Grant(Ada, 10, "order-7");
        var claimed = await Claim(Ada, reservation);

        (claimed.Status, claimed.Attempt).Should().Be((CreditCommandStatus.Done, 2), "a rejected claim does not use the next attempt");
        await ShouldHave(Ada, 0, held: 60);
    }

    [Test]
    public async Task A_claim_of_an_ended_or_foreign_reservation_is_rejected()
    {
        await Initialize(Ada);
        await Initialize(Bob);
        var captured = await Reserve(Ada, 1, "captured");
        await Capture(Ada, captured);
        var released = await Reserve(Ada, 1, "released");
        await Release(Ada, released);

        (await Claim(Ada, captured)).Status.Should().Be(CreditCommandStatus.AlreadyClosed);
        (await Claim(Ada, released)).Status.Should().Be(CreditCommandStatus.AlreadyClosed);
        (await Claim(Bob, await Reserve(Ada, 1, "open"))).Status.Should().Be(CreditCommandStatus.AlreadyClosed);
    }

    [Test]
    public async Task A_renewal_or_claim_never_shortens_the_lifetime()
    {
        await Initialize(Ada);
        var day = TimeSpan.FromHours(24);
        var reservation = await ReserveFor(Ada, 60, Key("job"), day);

        (await Renew(Ada, reservation, TimeSpan.FromSeconds(1))).Balance!.HoldExpiresIn.Should().Be(day);
        (await Claim(Ada, reservation, TimeSpan.FromSeconds(1))).Balance!.HoldExpiresIn.Should().Be(day);

        AdvanceTime(TimeSpan.FromHours(23));
        await ShouldHave(Ada, 40, held: 60);
        (await ListOpen(Ada)).Should().ContainSingle().Which.Attempt.Should().Be(2);
    }

    private static CreditCommandResult ToResult(OpenCreditReservation open) =>
        new(CreditCommandStatus.Done) { ReservationId = open.Id, Attempt = open.Attempt };

    private ValueTask<CreditCommandResult> Claim(UserId user, CreditCommandResult reservation, TimeSpan? lifetime = null) =>
        Apply(new CreditCommand.Claim(user, reservation.ReservationId!.Value, reservation.Attempt, lifetime ?? TenSeconds));
}
