using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;

namespace SessionRecovery.Tests.Credits;

/// <summary>Tests that keys of hosts and keys of requests cannot be confused, and which texts are keys.</summary>
[TestFixture]
internal sealed class IdempotencyKeyTests
{
    [TestCase(1, true)]
    [TestCase(255, true)]
    [TestCase(0, false)]
    [TestCase(256, false)]
    public void A_key_has_1_to_255_characters(int length, bool isKey)
    {
        var text = new string('k', length);

        IdempotencyKey.TryParse(text, null, out var key).Should().Be(isKey);

        (isKey ? key.Value : key.ToString()).Should().Be(isKey ? text : "[idempotency key]");
        Create(text).Should().Be(isKey);
    }

    [TestCase("!~", true)]
    [TestCase("a b", false)]
    [TestCase("a\u007f", false)]
    [TestCase("schlüssel", false)]
    [TestCase("http:a", false)]
    [TestCase("HTTP:a", false)]
    [TestCase("https", true)]
    public void A_key_is_visible_text_outside_the_namespace_of_requests(string text, bool isKey)
    {
        IdempotencyKey.TryParse(text, null, out var key).Should().Be(isKey);

        key.Should().Be(isKey ? IdempotencyKey.Parse(text) : default);
        Create(text).Should().Be(isKey);
        if (!isKey)
        {
            FluentActions.Invoking(() => IdempotencyKey.Parse(text)).Should().Throw<FormatException>();
        }
    }

    [Test]
    public void A_missing_text_is_no_key()
    {
        IdempotencyKey.TryParse(null, null, out _).Should().BeFalse();
        FluentActions.Invoking(static () => IdempotencyKey.Create(null!)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(static () => IdempotencyKey.Parse(null!)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(static () => IdempotencyKey.FromStore("")).Should().Throw<ArgumentException>();
    }

    [Test]
    public void A_key_of_a_request_has_a_namespace()
    {
        IdempotencyKey.TryCreateFromRequest("job-1", out var key).Should().BeTrue();

        (key.Value, key.RequestHeader).Should().Be(("http:job-1", "job-1"));
        IdempotencyKey.FromStore(key.Value).Should().Be(key);
        IdempotencyKey.Create("job-1").RequestHeader.Should().BeNull();
    }

    [TestCase(null, false)]
    [TestCase("", false)]
    [TestCase("a b", false)]
    [TestCase("http:a", true)]
    public void A_request_header_is_visible_text(string? header, bool isKey)
    {
        IdempotencyKey.TryCreateFromRequest(header, out var key).Should().Be(isKey);

        (key == default).Should().Be(!isKey);
    }

    [TestCase(250, true)]
    [TestCase(251, false)]
    public void A_request_header_has_at_most_250_characters(int length, bool isKey) =>
        IdempotencyKey.TryCreateFromRequest(new string('k', length), out _).Should().Be(isKey);

    private static bool Create(string text)
    {
        try
        {
            return IdempotencyKey.Create(text).Value == text;
        }
        catch (ArgumentException exception) when (exception.ParamName == "value")
        {
            return false;
        }
    }
}
