using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Tests.Credits;

/// <summary>Tests the wire form of version tokens, and which balances a token allows.</summary>
[TestFixture]
internal sealed class CreditVersionTokenTests
{
    private const string Tag = "Az09-_Az09-_";

    private static readonly UserSession Ann = new(UserId.Create("ann"));
    private static readonly UserSession Bob = new(UserId.Create("bob"));

    [Test]
    public void A_version_token_parses_from_its_wire_form()
    {
        var versionToken = CreditVersionToken.Create(Ann, Balance(42))!.Value;

        CreditVersionToken.TryParse(versionToken.ToString(), null, out var parsed).Should().BeTrue();

        parsed.Should().Be(versionToken).And.Be(CreditVersionToken.Parse(versionToken.ToString()));
        versionToken.ToString().Should().EndWith(".42").And.NotContain("ann").And.NotContain("first");
    }

    [Test]
    public void A_version_token_allows_no_older_balance()
    {
        var versionToken = CreditVersionToken.Create(Ann, Balance(42))!.Value;

        versionToken.Allows(Ann, Balance(42)).Should().BeTrue();
        versionToken.Allows(Ann, Balance(43)).Should().BeTrue();
        versionToken.Allows(Ann, Balance(41)).Should().BeFalse();
    }

    [Test]
    public void A_version_token_binds_only_its_own_ledger()
    {
        var versionToken = CreditVersionToken.Create(Ann, Balance(42))!.Value;

        versionToken.Allows(Bob, Balance(1)).Should().BeTrue("the token belongs to another user");
        versionToken.Allows(Ann, Balance(1, "second")).Should().BeTrue("the store was restored");
        versionToken.Allows(Ann, Balance(null)).Should().BeTrue("the store has no versions");
        default(CreditVersionToken).Allows(Ann, Balance(0)).Should().BeTrue("there is no token");
    }

    [Test]
    public void A_balance_without_a_version_has_no_token() => CreditVersionToken.Create(Ann, Balance(null)).Should().BeNull();

    [Test]
    public void No_token_is_an_empty_text() => default(CreditVersionToken).ToString().Should().BeEmpty();

    [TestCase(Tag + ".0", 0)]
    [TestCase(Tag + ".9223372036854775807", long.MaxValue)]
    public void A_version_has_1_to_19_digits(string text, long version)
    {
        CreditVersionToken.TryParse(text, null, out var versionToken).Should().BeTrue();

        (versionToken.Tag, versionToken.Version).Should().Be((Tag, version));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase(Tag)]
    [TestCase(Tag + ".")]
    [TestCase(Tag + ":5")]
    [TestCase(Tag + ".-5")]
    [TestCase(Tag + ".5 ")]
    [TestCase(Tag + ".x")]
    [TestCase(Tag + ".9223372036854775808")]
    [TestCase(Tag + ".00000000000000000001")]
    [TestCase("Az09-_Az09-.5")]
    [TestCase("Az09-_Az09-+.5")]
    [TestCase("Az09-_Az09-é.5")]
    public void A_text_of_another_form_is_no_token(string? text)
    {
        CreditVersionToken.TryParse(text, null, out var versionToken).Should().BeFalse();

        versionToken.Should().Be(default(CreditVersionToken));
        FluentActions.Invoking(() => CreditVersionToken.Parse(text!)).Should()
            .Throw<Exception>().Which.Should().BeOfType(text is null ? typeof(ArgumentNullException) : typeof(FormatException));
    }

    [Test]
    public void A_token_needs_a_session_and_a_balance()
    {
        var balance = Balance(1);

        FluentActions.Invoking(() => CreditVersionToken.Create(null!, balance)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => CreditVersionToken.Create(Ann, null!)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => default(CreditVersionToken).Allows(null!, balance)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => default(CreditVersionToken).Allows(Ann, null!)).Should().Throw<ArgumentNullException>();
    }

    private static CreditBalance Balance(long? version, string incarnation = "first") =>
        new(95, DateTimeOffset.UnixEpoch, version: version, incarnation: incarnation);
}
