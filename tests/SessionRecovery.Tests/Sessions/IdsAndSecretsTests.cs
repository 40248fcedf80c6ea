using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Tests.Sessions;

/// <summary>Tests that ids cannot be empty, too long or confused with each other, and that secrets do not appear in texts.</summary>
[TestFixture]
internal sealed class IdsAndSecretsTests
{
    [TestCase("")]
    [TestCase("  ")]
    [TestCase("a\0b")]
    [TestCase("a\nb")]
    public void An_invalid_user_id_is_rejected(string value)
    {
        UserId.TryParse(value, null, out _).Should().BeFalse();
        FluentActions.Invoking(() => UserId.Create(value)).Should().Throw<ArgumentException>().WithMessage("*1 to 256*");
    }

    [Test]
    public void A_lone_surrogate_in_an_id_is_rejected()
    {
        UserId.TryParse("a\ud800", null, out _).Should().BeFalse();
        UserId.TryParse("a\ud801", null, out _).Should().BeFalse();
        UserId.TryParse("\ufffd\udc00", null, out _).Should().BeFalse();
    }

    [Test]
    public void An_id_has_256_characters_at_most()
    {
        UserId.TryParse(new string('u', 256), null, out _).Should().BeTrue();
        UserId.TryParse(new string('u', 257), null, out _).Should().BeFalse();
        UserId.TryParse("zoë-🎧", null, out _).Should().BeTrue();
    }

    [Test]
    public void Secrets_are_not_shown_by_ToString()
    {
        var user = UserId.Create("ann@example.org");
        var token = AccessToken.Create("eyJ.secret.token");
        var session = new UserSession(user, token);
        var command = new CreditCommand.Consume(user, 5, IdempotencyKey.Create("invoice-4711"));

        foreach (var text in (string[])[user.ToString(), token.ToString(), session.ToString(), command.ToString(),
            $"{IdempotencyKey.Create("invoice-4711")}"])
        {
            text.Should().NotContainAny("ann@example.org", "secret", "invoice-4711");
        }
    }

    [Test]
    public void A_user_pseudonym_is_stable_and_unique()
    {
        UserId.Create("ann").ToString().Should().Be(UserId.Create("ann").ToString()).And.MatchRegex("^user-[0-9a-f]{8}$");
        UserId.Create("bob").ToString().Should().NotBe(UserId.Create("ann").ToString());
    }

    [TestCase(0)]
    [TestCase(-5)]
    [TestCase(CreditCommand.MaxAmount + 1)]
    public void An_out_of_range_amount_throws_and_names_the_member(long amount)
    {
        FluentActions.Invoking(() => new CreditCommand.Consume(UserId.Create("ann"), amount, IdempotencyKey.Create("k")))
            .Should().Throw<ArgumentOutOfRangeException>().WithParameterName(nameof(amount));
    }

    [TestCase(0)]
    [TestCase(CreditCommand.MaxAmount + 1)]
    [TestCase(-CreditCommand.MaxAmount - 1)]
    [TestCase(long.MinValue)]
    public void An_out_of_range_adjustment_throws(long amount) =>
        FluentActions.Invoking(() => new CreditCommand.Adjust(UserId.Create("ann"), amount, IdempotencyKey.Create("k"), "eve", "why"))
            .Should().Throw<ArgumentOutOfRangeException>().WithParameterName(nameof(amount));

    [TestCase(0L, 1L)]
    [TestCase(1L, 0L)]
    [TestCase(1L, -1L)]
    [TestCase(1L, CreditCommand.MaxAmount + 1)]
    public void An_out_of_range_refund_throws(long entry, long amount) =>
        FluentActions.Invoking(() => new CreditCommand.Refund(UserId.Create("ann"), entry, amount, IdempotencyKey.Create("k")))
            .Should().Throw<ArgumentOutOfRangeException>();

    [Test]
    public void Texts_of_entries_are_bounded_and_printable()
    {
        var (user, key) = (UserId.Create("ann"), IdempotencyKey.Create("k"));
        var (reason, actor) = (new string('r', CreditCommand.MaxReasonLength), new string('a', CreditCommand.MaxActorLength));
        _ = new CreditCommand.Grant(user, 1, key, reason);
        _ = new CreditCommand.Refund(user, 1, null, key, reason);
        _ = new CreditCommand.Adjust(user, -1, key, actor, reason);

        foreach (var text in (string[])[reason + "r", "a\0b", "\u001b[2J", "two\nlines"])
        {
            FluentActions.Invoking(() => new CreditCommand.Grant(user, 1, key, text)).Should().Throw<ArgumentException>();
            FluentActions.Invoking(() => new CreditCommand.Refund(user, 1, 1, key, text)).Should().Throw<ArgumentException>();
            FluentActions.Invoking(() => new CreditCommand.Adjust(user, 1, key, "eve", text)).Should().Throw<ArgumentException>();
        }

        foreach (var text in (string[])[actor + "a", "", " ", "\u001b[2J"])
        {
            FluentActions.Invoking(() => new CreditCommand.Adjust(user, 1, key, text, "why")).Should().Throw<ArgumentException>();
        }
    }

    [Test]
    public void A_default_id_or_key_throws()
    {
        FluentActions.Invoking(() => new UserSession(default)).Should().Throw<InvalidOperationException>();
        FluentActions.Invoking(() => new CreditCommand.Consume(UserId.Create("ann"), 5, default))
            .Should().Throw<InvalidOperationException>();
    }

    [Test]
    public void Only_a_version_token_parses_from_its_wire_form()
    {
        var balance = new CreditBalance(95, DateTimeOffset.UnixEpoch, version: 42, incarnation: "first");
        var (ann, bob) = (new UserSession(UserId.Create("ann")), new UserSession(UserId.Create("bob")));
        var versionToken = CreditVersionToken.Create(ann, balance)!.Value;

        CreditVersionToken.TryParse(versionToken.ToString(), null, out var parsed).Should().BeTrue();
        parsed.Should().Be(versionToken);
        parsed.Allows(ann, balance).Should().BeTrue();
        parsed.Allows(ann, new CreditBalance(100, DateTimeOffset.UnixEpoch, version: 41, incarnation: "first"))
            .Should().BeFalse();
        parsed.Allows(bob, new CreditBalance(100, DateTimeOffset.UnixEpoch, version: 1, incarnation: "first"))
            .Should().BeTrue("the token belongs to another user and is ignored");
        versionToken.ToString().Should().NotContain("ann").And.NotContain("first");
    }
}
