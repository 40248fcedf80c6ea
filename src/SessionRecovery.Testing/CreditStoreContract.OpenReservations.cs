using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Testing;

public abstract partial class CreditStoreContract
{
    [Test]
    public async Task Open_reservations_of_server_code_are_listed_by_expiry()
    {
        await Initialize(Ada);
        await Initialize(Bob);
        var leaseOwner = Guid.NewGuid();
        var later = await ReserveFor(Ada, 20, Key("later"), TimeSpan.FromHours(24));
        var sooner = await ReserveFor(Bob, 5, Key("sooner"), TimeSpan.FromMinutes(1), leaseOwner);
        await ReserveFor(Ada, 10, RequestKey("click-1"), TimeSpan.FromMinutes(2), Guid.NewGuid());
        await ReserveFor(Ada, 0, Key("free"), TimeSpan.FromMinutes(2));
        await Capture(Ada, await ReserveFor(Ada, 3, Key("captured"), TimeSpan.FromMinutes(2)));
        await Release(Ada, await ReserveFor(Ada, 3, Key("released"), TimeSpan.FromMinutes(2)));

        var all = await ListOpen();

        all.Should().Equal(
            new OpenCreditReservation
            {
                Id = sooner.ReservationId!.Value,
                User = Bob,
                Key = Key("sooner"),
                Attempt = 1,
                Amount = 5,
                ExpiresAt = Now + TimeSpan.FromMinutes(1),
                LeaseOwner = leaseOwner,
            },
            new OpenCreditReservation
            {
                Id = later.ReservationId!.Value,
                User = Ada,
                Key = Key("later"),
                Attempt = 1,
                Amount = 20,
                ExpiresAt = Now + TimeSpan.FromHours(24),
            });
        (await ListOpen(Ada)).Should().Equal(all[1]);
        (await ListOpen(CreateUser("stranger"))).Should().BeEmpty();
    }

    [Test]
    public async Task Pages_of_open_reservations_are_complete()
    {
        await Initialize(Ada);
        for (var index = 0; index < 7; index++)
        {
            await Reserve(Ada, 1, $"job-{index}");
        }

        var listed = new List<OpenCreditReservation>();
        IReadOnlyList<OpenCreditReservation> page;
        do
        {
            page = await ListOpen(after: listed.Count == 0 ? null : listed[^1], limit: 3);
            page.Count.Should().BeLessThanOrEqualTo(3);
            listed.AddRange(page);
        }
        while (page.Count == 3);

        listed.Select(reservation => reservation.Key.Value).Should().BeEquivalentTo(
            Enumerable.Range(0, 7).Select(index => $"job-{index}"), "reservations with the same expiry are ordered by id");
        (await ListOpen(Ada, listed[4], limit: 3)).Should().Equal(listed[5], listed[6]);
    }

    [Test]
    public async Task A_due_reservation_is_not_listed()
    {
        await Initialize(Ada);
        await Reserve(Ada, 1, "due");
        var renewed = await Reserve(Ada, 1, "renewed");
        AdvanceTime(TimeSpan.FromSeconds(5));
        await Renew(Ada, renewed);
        var before = await ListOpen(limit: 1);
        AdvanceTime(TimeSpan.FromSeconds(5));

        (await ListOpen()).Should().ContainSingle().Which.Key.Should().Be(Key("renewed"));
        (await ListOpen(after: before[0])).Should().ContainSingle("the previous page ends at a reservation that has expired");
    }

    [Test]
    public async Task A_reservation_of_host_code_continues_after_a_restart()
    {
        await Initialize(Ada);
        await ReserveFor(Ada, 60, Key("job"), CreditCommand.MaxLifetime);
        AdvanceTime(TimeSpan.FromHours(23));
        await _testStore.ReopenAsync();

        var open = (await ListOpen(Ada)).Should().ContainSingle().Subject;
        var listed = new CreditCommandResult(CreditCommandStatus.Done) { ReservationId = open.Id, Attempt = open.Attempt };
        (await Renew(Ada, listed, CreditCommand.MaxLifetime)).Balance!.HoldExpiresIn.Should().Be(CreditCommand.MaxLifetime);
        AdvanceTime(TimeSpan.FromHours(23));
        await ShouldHave(Ada, 40, held: 60, version: 2);
        (await Settle(Ada, listed, 20)).Status.Should().Be(CreditCommandStatus.Done);

        await ShouldHave(Ada, 80, version: 3);
        (await ListOpen()).Should().BeEmpty();
    }

    [Test]
    public async Task A_listed_reservation_is_superseded_by_the_next_attempt()
    {
        await Initialize(Ada);
        await Reserve(Ada, 60, "job");
        var open = (await ListOpen()).Should().ContainSingle().Subject;
        AdvanceTime(TenSeconds);
        await Reserve(Ada, 60, "job");

        (await Apply(new CreditCommand.Settle(Ada, open.Id, open.Attempt, 20))).Status.Should().Be(CreditCommandStatus.Superseded);

        (await ListOpen()).Should().ContainSingle().Which.Attempt.Should().Be(2);
        await ShouldHave(Ada, 40, held: 60, version: 4);
    }

    private ValueTask<CreditCommandResult> ReserveFor(
        UserId user, long amount, IdempotencyKey key, TimeSpan lifetime, Guid? leaseOwner = null) =>
        Apply(new CreditCommand.Reserve(user, amount, key, lifetime, fingerprint: null, leaseOwner));

    private async Task<IReadOnlyList<OpenCreditReservation>> ListOpen(
        UserId? user = null, OpenCreditReservation? after = null, int limit = 50)
    {
        if (_testStore.Reservations is not { } reservations)
        {
            Assert.Ignore("The store cannot list reservations.");
            throw new InvalidOperationException();
        }

        return await reservations.ListOpenReservationsAsync(user, after, limit, CancellationToken.None);
    }
}
