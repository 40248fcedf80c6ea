using FluentAssertions;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Credits.Internal;

namespace SessionRecovery.Tests.Credits;

/// <summary>Tests which balances a slot accepts, and what its successors keep.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class CreditSlotTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly CreditSlot _slot = new();

    [Test]
    public void A_slot_keeps_the_later_balance()
    {
        var (first, second) = (Entry(1), Entry(2));

        _slot.Offer(second).Should().BeTrue();
        _slot.Offer(first).Should().BeFalse();

        _slot.Entry.Should().BeSameAs(second);
    }

    [Test]
    public void An_invalidated_slot_keeps_an_expired_balance()
    {
        _slot.Offer(Entry(1));
        _slot.ActivePeriod = 3;
        _slot.RecordLoadStart(_time.GetTimestamp());

        var expired = _slot.CreateExpired();

        expired.Entry.Should().BeOfType<ExpiredCreditEntry>().Which.Should().BeEquivalentTo(_slot.Entry);
        expired.ActivePeriod.Should().Be(3);
        expired.GetLoadDelay(_time, Interval).Should().Be(TimeSpan.Zero, "an invalidation needs a new load at once");
        new CreditSlot().CreateExpired().Entry.Should().BeNull();
    }

    [Test]
    public void A_forgotten_slot_keeps_only_the_time_of_its_load()
    {
        _slot.Offer(Entry(1));
        _slot.ActivePeriod = 3;
        _slot.RecordLoadStart(_time.GetTimestamp());

        var empty = _slot.CreateEmpty();

        empty.Entry.Should().BeNull();
        empty.ActivePeriod.Should().Be(0);
        empty.GetLoadDelay(_time, Interval).Should().Be(Interval);
    }

    [Test]
    public void The_next_load_waits_for_the_rest_of_the_interval()
    {
        _slot.GetLoadDelay(_time, Interval).Should().Be(TimeSpan.Zero, "there was no load");
        _slot.RecordLoadStart(_time.GetTimestamp());

        _time.Advance(TimeSpan.FromMilliseconds(300));
        _slot.GetLoadDelay(_time, Interval).Should().Be(TimeSpan.FromMilliseconds(700));

        _time.Advance(TimeSpan.FromSeconds(5));
        _slot.GetLoadDelay(_time, Interval).Should().Be(TimeSpan.Zero);
    }

    [Test]
    public void A_load_without_an_account_counts_for_the_interval()
    {
        _slot.WasNotFound(_time, Interval).Should().BeFalse("there was no load");
        _slot.RecordNotFound(_time.GetTimestamp());

        _time.Advance(Interval - TimeSpan.FromTicks(1));
        _slot.WasNotFound(_time, Interval).Should().BeTrue();

        _time.Advance(TimeSpan.FromTicks(1));
        _slot.WasNotFound(_time, Interval).Should().BeFalse();
    }

    [Test]
    public void A_load_without_an_account_removes_an_earlier_balance()
    {
        _slot.Offer(Entry(1));
        _slot.Initialization = CreditCommandResult.Busy;

        _slot.RecordNotFound(loadStarted: 2);

        _slot.Entry.Should().BeNull();
        _slot.Initialization.Should().BeNull();
    }

    [TestCase(1)]
    [TestCase(2)]
    public void A_load_without_an_account_keeps_a_later_balance(long loadStarted)
    {
        var entry = Entry(2);
        _slot.Offer(entry);
        _slot.Initialization = CreditCommandResult.Busy;

        _slot.RecordNotFound(loadStarted);

        _slot.Entry.Should().BeSameAs(entry);
        _slot.Initialization.Should().BeSameAs(CreditCommandResult.Busy);
        _slot.WasNotFound(_time, TimeSpan.MaxValue).Should().BeFalse();
    }

    [Test]
    public void A_balance_ends_the_record_of_a_missing_account()
    {
        _slot.RecordNotFound(_time.GetTimestamp());

        _slot.Offer(Entry(_time.GetTimestamp()));

        _slot.WasNotFound(_time, Interval).Should().BeFalse();
    }

    // The number of the load is also the version.
    private static CurrentCreditEntry Entry(long number) =>
        new(new CreditBalance(100, DateTimeOffset.UnixEpoch, version: number), number);
}
