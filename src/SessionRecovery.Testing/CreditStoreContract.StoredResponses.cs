using FluentAssertions;
using NUnit.Framework;
using SessionRecovery.Credits;

namespace SessionRecovery.Testing;

public abstract partial class CreditStoreContract
{
    private static readonly StoredResponse Response = new(201, "application/json", "/things/7", "{\"n\":7}"u8.ToArray())
    {
        Headers = new Dictionary<string, string>
        {
            ["Content-Disposition"] = "attachment; filename*=UTF-8''%C3%A4.json",
            ["ETag"] = "\"7\"",
        },
    };

    [Test]
    public async Task A_repeated_capture_gets_the_first_response_and_charges_once()
    {
        await Initialize(Ada);
        var reservation = await Reserve(Ada, 60, "h");
        await Capture(Ada, reservation, Response);

        var repeat = await Capture(Ada, reservation, new StoredResponse(200, "text/plain", null, "another"u8.ToArray()));

        repeat.Status.Should().Be(CreditCommandStatus.Done);
        repeat.Replayed.Should().BeTrue();
        ShouldBe(repeat.Response, Response);
        await ShouldHave(Ada, 40, version: 3);
    }

    [Test]
    public async Task A_captured_key_returns_the_stored_response_and_charges_once()
    {
        await Initialize(Ada);
        await Capture(Ada, await Reserve(Ada, 60, "h", Guid.NewGuid(), "print"), Response);
        await _testStore.ReopenAsync();

        var repeat = await Reserve(Ada, 60, "h", Guid.NewGuid(), "print");

        repeat.Status.Should().Be(CreditCommandStatus.AlreadyCaptured);
        repeat.Succeeded.Should().BeTrue();
        ShouldBe(repeat.Response, Response);
        await ShouldHave(Ada, 40, version: 3);
    }

    [Test]
    public async Task A_key_captured_without_a_response_returns_none()
    {
        await Initialize(Ada);
        await Capture(Ada, await Reserve(Ada, 60, "none"));
        await Capture(Ada, await Reserve(Ada, 10, "streamed"), new StoredResponse(200, "audio/wav", null, null));
        await Capture(Ada, await Reserve(Ada, 10, "empty"), new StoredResponse(204, null, null, []));

        (await Reserve(Ada, 60, "none")).Response.Should().BeNull();
        ShouldBe((await Reserve(Ada, 10, "streamed")).Response, new StoredResponse(200, "audio/wav", null, null));
        ShouldBe((await Reserve(Ada, 10, "empty")).Response, new StoredResponse(204, null, null, []));
    }

    [Test]
    public async Task A_stored_body_expires_with_its_headers()
    {
        await Initialize(Ada);
        await Capture(Ada, await Reserve(Ada, 60, "h"), Response);

        AdvanceTime(TimeSpan.FromHours(24) - TimeSpan.FromMicroseconds(1));
        ShouldBe((await Reserve(Ada, 60, "h")).Response, Response);

        AdvanceTime(TimeSpan.FromMicroseconds(1));
        var late = await Reserve(Ada, 60, "h");
        late.Status.Should().Be(CreditCommandStatus.AlreadyCaptured);
        ShouldBe(late.Response, new StoredResponse(201, "application/json", "/things/7", null));
    }

    [Test]
    public async Task Without_a_price_a_stored_location_expires_too()
    {
        await Capture(Ada, await Reserve(Ada, 0, "h"), Response);

        AdvanceTime(TimeSpan.FromHours(24) - TimeSpan.FromMicroseconds(1));
        ShouldBe((await Reserve(Ada, 0, "h")).Response, Response);

        AdvanceTime(TimeSpan.FromMicroseconds(1));
        ShouldBe((await Reserve(Ada, 0, "h")).Response, new StoredResponse(201, "application/json", null, null));
    }

    [Test]
    public async Task The_largest_headers_are_stored_whole()
    {
        await Initialize(Ada);
        var headers = Enumerable.Range(0, StoredResponse.MaxHeaders).ToDictionary(
            index => $"X-{index:00}", _ => new string('"', (StoredResponse.MaxHeadersLength / StoredResponse.MaxHeaders) - 4));
        var response = new StoredResponse(200, null, null, []) { Headers = headers };
        await Capture(Ada, await Reserve(Ada, 1, "h"), response);

        ShouldBe((await Reserve(Ada, 1, "h")).Response, response);
    }

    [Test]
    public async Task The_largest_body_is_stored_whole()
    {
        await Initialize(Ada);
        var body = new byte[StoredResponse.MaxBodyLength];
        new Random(7).NextBytes(body);
        var response = new StoredResponse(200, "application/octet-stream", null, body);
        await Capture(Ada, await Reserve(Ada, 1, "h"), response);

        ShouldBe((await Reserve(Ada, 1, "h")).Response, response);
    }

    [Test]
    public async Task A_late_capture_succeeds_and_others_get_its_response()
    {
        await Initialize(Ada);
        var slow = await Reserve(Ada, 30, "h", Guid.NewGuid());
        AdvanceTime(TenSeconds);
        (await Capture(Ada, slow, Response)).Status.Should().Be(CreditCommandStatus.Done);

        var second = await Reserve(Ada, 30, "h", Guid.NewGuid());

        second.Status.Should().Be(CreditCommandStatus.AlreadyCaptured);
        ShouldBe(second.Response, Response);
        await ShouldHave(Ada, 70, version: 4);
    }

    private static void ShouldBe(StoredResponse? actual, StoredResponse expected)
    {
        actual.Should().NotBeNull();
        actual!.StatusCode.Should().Be(expected.StatusCode);
        actual.ContentType.Should().Be(expected.ContentType);
        actual.Location.Should().Be(expected.Location);
        actual.Headers.Should().BeEquivalentTo(expected.Headers);
        actual.Body.HasValue.Should().Be(expected.Body.HasValue);
        actual.Body.GetValueOrDefault().ToArray().Should().Equal(expected.Body.GetValueOrDefault().ToArray());
    }
}
