using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Testing;

public abstract partial class CreditStoreContract
{
    [Test]
    public async Task A_command_after_its_deadline_changes_nothing()
    {
        var stranger = CreateUser("stranger");
        await Initialize(Ada);
        var spent = await Consume(Ada, 10, "spent");
        var held = await Reserve(Ada, 20, "held");
        var free = await Reserve(Ada, 0, "free");

        CreditCommand[] late =
        [
            new CreditCommand.Initialize(stranger),
            new CreditCommand.Grant(stranger, 5, Key("k")),
            new CreditCommand.Reserve(stranger, 0, Key("k"), TenSeconds),
            new CreditCommand.Initialize(Ada),
            new CreditCommand.Consume(Ada, 5, Key("k")),
            new CreditCommand.Consume(Ada, 10, Key("spent")),
            new CreditCommand.Consume(Ada, 1000, Key("k")),
            new CreditCommand.Grant(Ada, 5, Key("k")),
            new CreditCommand.Refund(Ada, spent.EntryId!.Value, 5, Key("k")),
            new CreditCommand.Adjust(Ada, 5, Key("k"), "operator", "correction"),
            new CreditCommand.Reserve(Ada, 5, Key("k"), TenSeconds),
            new CreditCommand.Reserve(Ada, 0, Key("k"), TenSeconds),
            new CreditCommand.Renew(Ada, held.ReservationId!.Value, 1, TenSeconds),
            new CreditCommand.Claim(Ada, held.ReservationId.Value, 1, TenSeconds),
            new CreditCommand.Capture(Ada, held.ReservationId.Value, 1),
            new CreditCommand.Settle(Ada, held.ReservationId.Value, 1, 5),
            new CreditCommand.Release(Ada, held.ReservationId.Value, 1),
            new CreditCommand.Capture(Ada, free.ReservationId!.Value, 1),
            new CreditCommand.Settle(Ada, free.ReservationId.Value, 1, 0),
            new CreditCommand.Release(Ada, free.ReservationId.Value, 1),
        ];
        foreach (var command in late)
        {
            (await Apply(command with { Deadline = Now - TimeSpan.FromMilliseconds(1) })).Status.Should().Be(
                CreditCommandStatus.Busy, command.GetType().Name);
        }

        (await Read(stranger)).Status.Should().Be(CreditReadStatus.NotFound);
        await ShouldHave(Ada, 70, held: 20, version: 3);
        (await Consume(Ada, 5, "k")).Replayed.Should().BeFalse("a late command does not use its key");
        (await Capture(Ada, held)).Should().Match<CreditCommandResult>(
            result => result.Status == CreditCommandStatus.Done && !result.Replayed);
        (await Capture(Ada, free)).Should().Match<CreditCommandResult>(
            result => result.Status == CreditCommandStatus.Done && !result.Replayed);
    }

    [Test]
    public async Task A_command_before_its_deadline_takes_effect()
    {
        var deadline = Now + TenSeconds;
        (await Apply(new CreditCommand.Initialize(Ada) { Deadline = deadline })).Created.Should().BeTrue();
        (await Apply(new CreditCommand.Consume(Ada, 5, Key("k")) { Deadline = deadline })).Status.Should().Be(CreditCommandStatus.Done);
        AdvanceTime(TenSeconds);

        (await Apply(new CreditCommand.Consume(Ada, 5, Key("k2")) { Deadline = deadline })).Status
            .Should().Be(CreditCommandStatus.Done, "the deadline itself is in time");
        await ShouldHave(Ada, 90, version: 3);
    }

    [Test]
    public async Task A_charge_that_arrives_after_its_rejected_repeat_is_late()
    {
        await Initialize(Ada);
        var hung = new CreditCommand.Consume(Ada, 120, Key("k")) { Deadline = Now + TimeSpan.FromSeconds(3) };
        AdvanceTime(TimeSpan.FromSeconds(4));
        (await Apply(hung with { Deadline = Now + TimeSpan.FromSeconds(3) })).Status.Should().Be(CreditCommandStatus.Insufficient);
        await Grant(Ada, 50, "order-7");

        var late = await Apply(hung);

        late.Status.Should().Be(CreditCommandStatus.Busy);
        await ShouldHave(Ada, 150, version: 2);
    }

    [Test]
    public async Task A_late_capture_command_cannot_charge_an_expired_reservation()
    {
        await Initialize(Ada);
        var reservation = await Reserve(Ada, 60, "h");
        var hung = new CreditCommand.Capture(Ada, reservation.ReservationId!.Value, 1) { Deadline = Now + TimeSpan.FromSeconds(3) };
        AdvanceTime(TenSeconds);
        await Consume(Ada, 50, "k");
        (await Capture(Ada, reservation)).Status.Should().Be(CreditCommandStatus.Expired);
        await Grant(Ada, 50, "order-7");

        (await Apply(hung)).Status.Should().Be(CreditCommandStatus.Busy);

        await ShouldHave(Ada, 100, version: 5);
    }
}
