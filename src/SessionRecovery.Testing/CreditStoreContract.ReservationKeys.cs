using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;

namespace SessionRecovery.Testing;

public abstract partial class CreditStoreContract
{
    [Test]
    public async Task A_reservation_key_conflicts_with_another_request_or_kind()
    {
        await Initialize(Ada);
        var reservation = await Reserve(Ada, 10, "h", fingerprint: "print");

        await ShouldConflict();
        await Release(Ada, reservation);
        await ShouldConflict();
        var second = await Reserve(Ada, 10, "h", fingerprint: "print");
        await Capture(Ada, second);
        await ShouldConflict();
        await ShouldHave(Ada, 90, version: 5);

        async Task ShouldConflict()
        {
            (await Reserve(Ada, 10, "h", fingerprint: "other")).Status.Should().Be(CreditCommandStatus.KeyConflict);
            (await Reserve(Ada, 10, "h")).Status.Should().Be(CreditCommandStatus.KeyConflict);
            (await Consume(Ada, 10, "h")).Status.Should().Be(CreditCommandStatus.KeyConflict);
        }
    }

    [Test]
    public async Task A_reservation_without_a_fingerprint_conflicts_with_another_amount()
    {
        await Initialize(Ada);
        var reservation = await Reserve(Ada, 10, "h");

        await ShouldConflict();
        await Release(Ada, reservation);
        await ShouldConflict();
        await Capture(Ada, await Reserve(Ada, 10, "h"));
        await ShouldConflict();
        await ShouldHave(Ada, 90, version: 5);

        async Task ShouldConflict() => (await Reserve(Ada, 11, "h")).Status.Should().Be(CreditCommandStatus.KeyConflict);
    }

    [Test]
    public async Task A_captured_request_is_replayed_at_another_price()
    {
        await Initialize(Ada);
        await Capture(Ada, await Reserve(Ada, 10, "h", Guid.NewGuid(), "print"), Response);

        var repeat = await Reserve(Ada, 500, "h", Guid.NewGuid(), "print");

        repeat.Status.Should().Be(CreditCommandStatus.AlreadyCaptured);
        ShouldBe(repeat.Response, Response);
        await ShouldHave(Ada, 90, version: 3);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task An_unfinished_request_is_reserved_again_at_the_new_price(bool expired)
    {
        await Initialize(Ada);
        var first = await Reserve(Ada, 10, "h", Guid.NewGuid(), "print");
        (await Reserve(Ada, 30, "h", Guid.NewGuid(), "print")).Status.Should().Be(CreditCommandStatus.InProgress);
        if (expired)
        {
            AdvanceTime(TenSeconds);
        }
        else
        {
            await Release(Ada, first);
        }

        (await Reserve(Ada, 101, "h", Guid.NewGuid(), "print")).Should().Match<CreditCommandResult>(
            result => result.Status == CreditCommandStatus.Insufficient && result.Required == 101, "the new price is checked");
        var second = await Reserve(Ada, 30, "h", Guid.NewGuid(), "print");
        second.Should().Match<CreditCommandResult>(result => result.Status == CreditCommandStatus.Done && result.Attempt == 2);
        await ShouldHave(Ada, 70, held: 30, version: 4);
        (await Capture(Ada, second, Response)).Status.Should().Be(CreditCommandStatus.Done);
        await ShouldHave(Ada, 70, version: 5);
    }

    [Test]
    public async Task A_lease_owner_cannot_change_the_price_of_a_reservation()
    {
        await Initialize(Ada);
        var leaseOwner = Guid.NewGuid();
        await Reserve(Ada, 10, "h", leaseOwner, "print");

        (await Reserve(Ada, 30, "h", leaseOwner, "print")).Status.Should().Be(CreditCommandStatus.KeyConflict);
        await ShouldHave(Ada, 90, held: 10, version: 2);
    }

    [Test]
    public async Task A_charged_key_cannot_be_reserved()
    {
        await Initialize(Ada);
        await Consume(Ada, 10, "k");

        (await Reserve(Ada, 10, "k")).Status.Should().Be(CreditCommandStatus.KeyConflict);
        await ShouldHave(Ada, 90, version: 2);
    }
}
