using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Tests.Credits;

/// <summary>Tests that a command validates its arguments, and that an exception names the invalid argument.</summary>
[TestFixture]
internal sealed class CreditCommandTests
{
    private const long MaxAmount = CreditCommand.MaxAmount;

    private static readonly UserId Ann = UserId.Create("ann");
    private static readonly IdempotencyKey Key = IdempotencyKey.Create("k");
    private static readonly Guid Id = Guid.NewGuid();
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);
    private static readonly TimeSpan TooShort = Second - TimeSpan.FromTicks(1);
    private static readonly TimeSpan TooLong = Day + TimeSpan.FromTicks(1);
    private static readonly string LongestReason = new('r', 200);
    private static readonly string LongestActor = new('a', 100);
    private static readonly string LongestFingerprint = new('f', 128);

    private static readonly string[] InvalidTexts = [LongestReason + "r", "a\0b", "\u001b[2J", "two\nlines", "\u0085"];

    private static IEnumerable<TestCaseData> AmountsOutOfRange() =>
    [
        .. Cases("consume", static amount => new CreditCommand.Consume(Ann, amount, Key), long.MinValue, -5, 0, MaxAmount + 1),
        .. Cases("reserve", static amount => new CreditCommand.Reserve(Ann, amount, Key, Second), -1, MaxAmount + 1),
        .. Cases("settle", static amount => new CreditCommand.Settle(Ann, Id, 1, amount), -1, MaxAmount + 1),
        .. Cases("grant", static amount => new CreditCommand.Grant(Ann, amount, Key), 0, MaxAmount + 1),
        .. Cases("refund", static amount => new CreditCommand.Refund(Ann, 1, amount, Key), -1, 0, MaxAmount + 1),
        .. Cases(
            "adjust",
            static amount => new CreditCommand.Adjust(Ann, amount, Key, "eve", "why"),
            long.MinValue,
            -MaxAmount - 1,
            0,
            MaxAmount + 1),
    ];

    private static IEnumerable<TestCaseData> AttemptsOutOfRange() =>
    [
        .. Cases("renew", static attempt => new CreditCommand.Renew(Ann, Id, (int)attempt, Second), 0),
        .. Cases("claim", static attempt => new CreditCommand.Claim(Ann, Id, (int)attempt, Second), 0),
        .. Cases("capture", static attempt => new CreditCommand.Capture(Ann, Id, (int)attempt), 0),
        .. Cases("settle", static attempt => new CreditCommand.Settle(Ann, Id, (int)attempt, 1), 0),
        .. Cases("release", static attempt => new CreditCommand.Release(Ann, Id, (int)attempt), 0),
    ];

    private static IEnumerable<TestCaseData> LifetimesOutOfRange() =>
    [
        .. Cases("reserve", static ticks => new CreditCommand.Reserve(Ann, 1, Key, new(ticks)), TooShort.Ticks, TooLong.Ticks),
        .. Cases("renew", static ticks => new CreditCommand.Renew(Ann, Id, 1, new(ticks)), TooShort.Ticks, TooLong.Ticks),
        .. Cases("claim", static ticks => new CreditCommand.Claim(Ann, Id, 1, new(ticks)), TooShort.Ticks, TooLong.Ticks),
    ];

    private static IEnumerable<TestCaseData> CommandsWithoutKey() =>
    [
        .. Cases("consume", static _ => new CreditCommand.Consume(Ann, 1, default), 0),
        .. Cases("reserve", static _ => new CreditCommand.Reserve(Ann, 1, default, Second), 0),
        .. Cases("grant", static _ => new CreditCommand.Grant(Ann, 1, default), 0),
        .. Cases("refund", static _ => new CreditCommand.Refund(Ann, 1, 1, default), 0),
        .. Cases("adjust", static _ => new CreditCommand.Adjust(Ann, 1, default, "eve", "why"), 0),
    ];

    private static IEnumerable<TestCaseData> CommandsWithReason()
    {
        yield return Case("consume", static reason => new CreditCommand.Consume(Ann, 1, Key, reason));
        yield return Case("grant", static reason => new CreditCommand.Grant(Ann, 1, Key, reason));
        yield return Case("refund", static reason => new CreditCommand.Refund(Ann, 1, 1, Key, reason));
        yield return Case("adjust", static reason => new CreditCommand.Adjust(Ann, 1, Key, "eve", reason));

        static TestCaseData Case(string name, Func<string, CreditCommand> create) => new TestCaseData(create).SetArgDisplayNames(name);
    }

    [Test]
    public void A_text_that_is_too_long_is_rejected_with_its_length()
    {
        var create = () => new CreditCommand.Consume(Ann, 1, Key, LongestReason + "r");

        create.Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage("The text has 201 characters, and the maximum is 200 characters. (Parameter 'reason')");
    }

    [TestCaseSource(nameof(AmountsOutOfRange))]
    public void An_amount_outside_its_range_is_rejected(Func<CreditCommand> create) =>
        create.Should().Throw<ArgumentOutOfRangeException>().WithParameterName("amount");

    [TestCaseSource(nameof(AttemptsOutOfRange))]
    public void An_attempt_below_one_is_rejected(Func<CreditCommand> create) =>
        create.Should().Throw<ArgumentOutOfRangeException>().WithParameterName("attempt");

    [TestCaseSource(nameof(LifetimesOutOfRange))]
    public void A_lifetime_outside_its_range_is_rejected(Func<CreditCommand> create) =>
        create.Should().Throw<ArgumentOutOfRangeException>().WithParameterName("lifetime");

    [TestCaseSource(nameof(CommandsWithoutKey))]
    public void A_command_without_a_key_is_rejected(Func<CreditCommand> create) =>
        create.Should().Throw<InvalidOperationException>();

    [TestCaseSource(nameof(CommandsWithReason))]
    public void A_reason_is_bounded_and_printable(Func<string, CreditCommand> create)
    {
        create(LongestReason).Should().NotBeNull();

        foreach (var text in InvalidTexts)
        {
            FluentActions.Invoking(() => create(text)).Should().Throw<ArgumentException>().WithParameterName("reason");
        }
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase(" ")]
    public void An_adjustment_needs_an_actor_and_a_reason(string? text)
    {
        FluentActions.Invoking(() => new CreditCommand.Adjust(Ann, 1, Key, "eve", text!))
            .Should().Throw<ArgumentException>().WithParameterName("reason");
        FluentActions.Invoking(() => new CreditCommand.Adjust(Ann, 1, Key, text!, "why"))
            .Should().Throw<ArgumentException>().WithParameterName("actor");
    }

    [Test]
    public void An_actor_is_bounded_and_printable()
    {
        foreach (var text in (string[])[LongestActor + "a", "\u001b[2J"])
        {
            FluentActions.Invoking(() => new CreditCommand.Adjust(Ann, 1, Key, text, "why"))
                .Should().Throw<ArgumentException>().WithParameterName("actor");
        }
    }

    [Test]
    public void A_refund_names_an_entry()
    {
        FluentActions.Invoking(() => new CreditCommand.Refund(Ann, 0, 1, Key))
            .Should().Throw<ArgumentOutOfRangeException>().WithParameterName("entryId");
    }

    [Test]
    public void A_fingerprint_has_128_characters_at_most()
    {
        FluentActions.Invoking(() => new CreditCommand.Reserve(Ann, 1, Key, Second, LongestFingerprint + "f"))
            .Should().Throw<ArgumentOutOfRangeException>().WithParameterName("fingerprint");
    }

    [Test]
    public void A_command_needs_a_user() =>
        FluentActions.Invoking(static () => new CreditCommand.Initialize(default)).Should().Throw<InvalidOperationException>();

    [Test]
    public void The_limits_of_arguments_are_valid()
    {
        var owner = Guid.NewGuid();

        new CreditCommand.Consume(Ann, 1, Key, "").Amount.Should().Be(1);
        new CreditCommand.Consume(Ann, MaxAmount, Key).Amount.Should().Be(9_007_199_254_740_991);
        new CreditCommand.Reserve(Ann, 0, Key, Second, LongestFingerprint, owner).Should().BeEquivalentTo(
            new { Amount = 0, Key, Lifetime = Second, Fingerprint = LongestFingerprint, LeaseOwner = owner });
        new CreditCommand.Reserve(Ann, MaxAmount, Key, Day).Lifetime.Should().Be(Day);
        new CreditCommand.Renew(Ann, Id, 1, Second).Lifetime.Should().Be(Second);
        new CreditCommand.Claim(Ann, Id, 1, Day).Lifetime.Should().Be(Day);
        new CreditCommand.Settle(Ann, Id, 1, 0).Amount.Should().Be(0);
        new CreditCommand.Refund(Ann, 1, null, Key).Amount.Should().BeNull("the refund is for the whole charge");
        new CreditCommand.Adjust(Ann, -MaxAmount, Key, LongestActor, LongestReason).Amount.Should().Be(-MaxAmount);
    }

    private static IEnumerable<TestCaseData> Cases(string name, Func<long, CreditCommand> create, params long[] values) =>
        values.Select(value => new TestCaseData((Func<CreditCommand>)(() => create(value))).SetArgDisplayNames($"{name} {value}"));
}
