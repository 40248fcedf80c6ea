using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;

namespace SessionRecovery.Tests.Credits;

/// <summary>Tests that a balance keeps its values exactly, and that impossible values are rejected.</summary>
[TestFixture]
internal sealed class CreditBalanceTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.FromHours(2));

    [Test]
    public void A_balance_keeps_its_values()
    {
        var balance = new CreditBalance(-5, Now, 3, 0, "i", TimeSpan.Zero);

        balance.Should().BeEquivalentTo(
            new { Available = -5L, Held = 3L, Version = (long?)0, Incarnation = "i", HoldExpiresIn = (TimeSpan?)TimeSpan.Zero });
        (balance.AsOf, balance.AsOf.Offset).Should().Be((Now.ToUniversalTime(), TimeSpan.Zero));
        balance.Should().Be(new CreditBalance(-5, Now.ToUniversalTime(), 3, 0, "i", TimeSpan.Zero));
    }

    [Test]
    public void Balances_with_other_held_credits_are_not_equal()
    {
        var balance = new CreditBalance(5, Now, held: 3, holdExpiresIn: TimeSpan.FromSeconds(1));
        var same = new CreditBalance(5, Now, held: 3, holdExpiresIn: TimeSpan.FromSeconds(1));

        balance.Should().Be(same).And.Be(balance with { });
        balance.GetHashCode().Should().Be(same.GetHashCode());
        balance.Should().NotBe(new CreditBalance(5, Now, held: 4, holdExpiresIn: TimeSpan.FromSeconds(1)));
        balance.Should().NotBe(new CreditBalance(5, Now, held: 3, holdExpiresIn: TimeSpan.FromSeconds(2)));
        balance.Should().NotBe(new CreditBalance(5, Now, held: 3));
        new CreditBalance(5, Now).Should().NotBe(new CreditBalance(5, Now, holdExpiresIn: TimeSpan.Zero));
    }

    [Test]
    public void A_missing_value_is_not_zero()
    {
        var balance = new CreditBalance(5, Now);

        (balance.Held, balance.Version, balance.Incarnation, balance.HoldExpiresIn).Should().Be((0L, null, null, null));
    }

    [Test]
    public void An_impossible_value_is_rejected()
    {
        Rejects("held", static () => new CreditBalance(5, Now, held: -1));
        Rejects("version", static () => new CreditBalance(5, Now, version: -1));
        Rejects("holdExpiresIn", static () => new CreditBalance(5, Now, holdExpiresIn: TimeSpan.FromTicks(-1)));
    }

    [Test]
    public void A_read_result_needs_its_balance()
    {
        var balance = new CreditBalance(5, Now);

        FluentActions.Invoking(static () => CreditReadResult.Current(null!)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(static () => CreditReadResult.Stale(null!, TimeSpan.Zero)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => CreditReadResult.Stale(balance, TimeSpan.FromTicks(-1)))
            .Should().Throw<ArgumentOutOfRangeException>().WithParameterName("age");
        CreditReadResult.Stale(balance, TimeSpan.Zero).Should().BeEquivalentTo(
            new { Status = CreditReadStatus.Stale, Balance = balance, Age = TimeSpan.Zero, HasBalance = true });
        CreditReadResult.NotFound.HasBalance.Should().BeFalse();
    }

    private static void Rejects(string argument, Func<CreditBalance> create) =>
        create.Should().Throw<ArgumentOutOfRangeException>().WithParameterName(argument);
}
