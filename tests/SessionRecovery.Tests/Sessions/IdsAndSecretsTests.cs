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

    [Test]
    public void A_default_id_throws() =>
        FluentActions.Invoking(() => new UserSession(default)).Should().Throw<InvalidOperationException>();
}
