using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;

namespace SessionRecovery.Tests.Credits;

/// <summary>Tests the limits of the response that a store keeps for a repeated request.</summary>
[TestFixture]
internal sealed class StoredResponseTests
{
    [TestCase(200, true)]
    [TestCase(399, true)]
    [TestCase(199, false)]
    [TestCase(400, false)]
    public void Only_a_success_is_stored(int statusCode, bool isValid) =>
        Check(isValid, "statusCode", () => new StoredResponse(statusCode, null, null, null));

    [TestCase(255, true)]
    [TestCase(256, false)]
    public void A_content_type_has_at_most_255_characters(int length, bool isValid) =>
        Check(isValid, "contentType", () => new StoredResponse(200, new string('t', length), null, null));

    [TestCase(2048, true)]
    [TestCase(2049, false)]
    public void A_location_has_at_most_2048_characters(int length, bool isValid) =>
        Check(isValid, "location", () => new StoredResponse(200, null, new string('l', length), null));

    [TestCase(1024 * 1024, true)]
    [TestCase((1024 * 1024) + 1, false)]
    public void A_body_has_at_most_one_mebibyte(int length, bool isValid) =>
        Check(isValid, "body", () => new StoredResponse(200, null, null, new byte[length]));

    [TestCase(16, true)]
    [TestCase(17, false)]
    public void A_response_has_at_most_16_headers(int count, bool isValid) =>
        Check(isValid, "value", () => WithHeaders([.. Enumerable.Range(0, count).Select(static number => ($"h{number}", ""))]));

    [TestCase(4095, true)]
    [TestCase(4096, false)]
    public void Names_and_values_of_headers_have_4096_characters(int length, bool isValid) =>
        Check(isValid, "value", () => WithHeaders(("h", new string('v', length))));

    [TestCase("Set-Cookie")]
    [TestCase("set-cookie")]
    public void A_stored_response_sets_no_cookie(string name) => Check(false, "value", () => WithHeaders(("x-other", "1"), (name, "a=b")));

    [Test]
    public void Headers_are_required() =>
        Check(false, "value", static () => new StoredResponse(200, null, null, null) { Headers = null! });

    [Test]
    public void Names_of_headers_ignore_case()
    {
        WithHeaders(("X-Pages", "7")).Headers["x-pages"].Should().Be("7");
        WithHeaders().Headers.Should().BeEmpty().And.BeSameAs(new StoredResponse(200, null, null, null).Headers);
    }

    [Test]
    public void A_missing_body_is_not_an_empty_one()
    {
        new StoredResponse(204, null, null, null).Body.Should().BeNull();
        new StoredResponse(200, null, null, []).Body!.Value.Length.Should().Be(0);
        new StoredResponse(200, "text/plain", "/x", "hello"u8.ToArray()).Should().BeEquivalentTo(
            new { StatusCode = 200, ContentType = "text/plain", Location = "/x" });
    }

    private static StoredResponse WithHeaders(params (string Name, string Value)[] headers) =>
        new(200, null, null, null) { Headers = headers.ToDictionary(static header => header.Name, static header => header.Value) };

    private static void Check(bool isValid, string argument, Func<StoredResponse> create)
    {
        if (isValid)
        {
            create().Should().NotBeNull();
        }
        else
        {
            create.Should().Throw<ArgumentException>().WithParameterName(argument);
        }
    }
}
