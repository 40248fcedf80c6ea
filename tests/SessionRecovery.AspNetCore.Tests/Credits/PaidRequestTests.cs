using System.Net;
using System.Net.Http.Json;
using System.Text;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using NUnit.Framework;
using SessionRecovery.AspNetCore.Tests.Hosting;

namespace SessionRecovery.AspNetCore.Tests.Credits;

[TestFixture]
internal sealed class PaidRequestTests
{
    private TemporaryFolder _folder = null!;
    private TestHost _host = null!;
    private int _runs;

    [SetUp]
    public async Task StartAsync()
    {
        _runs = 0;
        _folder = new TemporaryFolder();
        _host = await TestHost.StartAsync(_folder, map: Map);
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task A_paid_request_is_charged_once_and_its_response_replayed()
    {
        using var client = await _host.SignInAsync("ann");

        using var first = await PayAsync(client, "/paid", "key-1");
        using var repeat = await PayAsync(client, "/paid", "key-1");

        first.StatusCode.Should().Be(HttpStatusCode.OK);
        first.Header("Credits-Available").Should().Be("95");
        first.Header("Credits-Version").Should().NotBeNull();
        first.Header("Cache-Control").Should().Contain("no-store");
        repeat.StatusCode.Should().Be(HttpStatusCode.OK);
        repeat.Header("Idempotency-Replayed").Should().Be("true");
        (await repeat.Content.ReadAsStringAsync()).Should().Be(await first.Content.ReadAsStringAsync()).And.Contain("\"run\":1");
        repeat.Content.Headers.ContentType.Should().Be(first.Content.Headers.ContentType);
        _runs.Should().Be(1);
        (await BalanceAsync(client)).Should().Be(95);
    }

    [Test]
    public async Task A_failed_response_costs_nothing_and_its_key_works_again()
    {
        using var client = await _host.SignInAsync("ann");

        using var refused = await PayAsync(client, "/refuses-first", "key-1");
        (await BalanceAsync(client)).Should().Be(100);
        using var again = await PayAsync(client, "/refuses-first", "key-1");

        refused.StatusCode.Should().Be(HttpStatusCode.UnprocessableEntity);
        refused.Header("Credits-Available").Should().Be("100", "the reservation was released before the response was sent");
        again.StatusCode.Should().Be(HttpStatusCode.OK);
        (await BalanceAsync(client)).Should().Be(95);
    }

    [Test]
    public async Task A_handler_that_throws_costs_nothing()
    {
        using var client = await _host.SignInAsync("ann");

        using var response = await PayAsync(client, "/throws", "key-1");

        response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        (await BalanceAsync(client)).Should().Be(100);
    }

    [Test]
    public async Task Insufficient_credits_are_402_with_the_required_amount()
    {
        using var client = await _host.SignInAsync("ann");

        using var response = await PayAsync(client, "/expensive", "key-1");

        await response.ShouldBeProblemAsync(HttpStatusCode.PaymentRequired, "insufficient_credits");
        var problem = await response.JsonAsync();
        problem.GetProperty("required").GetInt64().Should().Be(1000);
        problem.GetProperty("available").GetInt64().Should().Be(100);
        _runs.Should().Be(0);
    }

    [Test]
    public async Task Another_request_under_the_same_key_is_a_conflict()
    {
        using var client = await _host.SignInAsync("ann");

        using var first = await PayAsync(client, "/paid", "key-1", "{\"a\":1}");
        using var otherBody = await PayAsync(client, "/paid", "key-1", "{\"a\":2}");
        using var otherQuery = await PayAsync(client, "/paid?x=1", "key-1", "{\"a\":1}");

        first.StatusCode.Should().Be(HttpStatusCode.OK);
        await otherBody.ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, "key_conflict");
        await otherQuery.ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, "key_conflict");
        (await BalanceAsync(client)).Should().Be(95);
    }

    [Test]
    public async Task Two_users_may_use_the_same_key()
    {
        using var ann = await _host.SignInAsync("ann");
        using var bob = await _host.SignInAsync("bob");

        using var first = await PayAsync(ann, "/paid", "key-1");
        using var second = await PayAsync(bob, "/paid", "key-1");

        second.Header("Idempotency-Replayed").Should().BeNull();
        (await BalanceAsync(ann)).Should().Be(95);
        (await BalanceAsync(bob)).Should().Be(95);
        _runs.Should().Be(2);
    }

    [TestCase(null, "idempotency_key_required")]
    [TestCase("", "idempotency_key_required")]
    [TestCase("with space", "invalid_idempotency_key")]
    public async Task An_invalid_key_is_rejected_before_any_effect(string? key, string code)
    {
        using var client = await _host.SignInAsync("ann");

        using var response = await PayAsync(client, "/paid", key);

        await response.ShouldBeProblemAsync(HttpStatusCode.BadRequest, code);
        _runs.Should().Be(0);
    }

    [Test]
    public async Task A_key_may_have_250_characters_and_no_more()
    {
        using var client = await _host.SignInAsync("ann");

        using var longest = await PayAsync(client, "/paid", new string('k', 250));
        using var tooLong = await PayAsync(client, "/paid", new string('k', 251));

        longest.StatusCode.Should().Be(HttpStatusCode.OK);
        await tooLong.ShouldBeProblemAsync(HttpStatusCode.BadRequest, "invalid_idempotency_key");
    }

    [Test]
    public async Task Multipart_is_identified_by_its_parts()
    {
        using var client = await _host.SignInAsync("ann");

        using var first = await client.SendAsync(Multipart("x"));
        using var repeat = await client.SendAsync(Multipart("x"));
        using var other = await client.SendAsync(Multipart("y"));

        first.StatusCode.Should().Be(HttpStatusCode.OK);
        repeat.Header("Idempotency-Replayed").Should().Be("true", "a new boundary does not make another request");
        await other.ShouldBeProblemAsync(HttpStatusCode.UnprocessableEntity, "key_conflict");

        static HttpRequestMessage Multipart(string value) => new(HttpMethod.Post, "/paid")
        {
            Content = new MultipartFormDataContent { { new StringContent(value), "field" } },
            Headers = { { "Idempotency-Key", "key-1" } },
        };
    }

    [Test]
    public async Task A_paid_request_requires_a_sign_in()
    {
        using var client = _host.Anonymous();

        using var response = await PayAsync(client, "/paid", "key-1");

        await response.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "unauthenticated");
        _runs.Should().Be(0);
    }

    [Test]
    public async Task A_large_response_is_captured_before_its_first_byte()
    {
        using var client = await _host.SignInAsync("ann");

        using var first = await PayAsync(client, "/large", "key-1");
        using var repeat = await PayAsync(client, "/large", "key-1");

        first.StatusCode.Should().Be(HttpStatusCode.OK);
        first.Header("Credits-Available").Should().Be("95");
        (await first.Content.ReadAsStringAsync()).Should().HaveLength(200_000);
        (await repeat.JsonAsync()).GetProperty("already_completed").GetBoolean().Should().BeTrue();
        repeat.Header("Idempotency-Replayed").Should().Be("true");
        _runs.Should().Be(1);
        (await BalanceAsync(client)).Should().Be(95);
    }

    [Test]
    public async Task A_streamed_response_is_charged_once_and_replayed()
    {
        using var client = await _host.SignInAsync("ann");

        using var first = await PayAsync(client, "/streamed", "key-1");
        using var repeat = await PayAsync(client, "/streamed", "key-1");

        first.Header("Credits-Available").Should().Be("95");
        (await first.Content.ReadAsStringAsync()).Should().Be("1234567890");
        (await repeat.Content.ReadAsStringAsync()).Should().Be("1234567890");
        repeat.Header("Idempotency-Replayed").Should().Be("true");
        _runs.Should().Be(1);
        (await BalanceAsync(client)).Should().Be(95);
    }

    [Test]
    public async Task A_redirect_is_replayed_with_its_location_without_its_cookie()
    {
        using var handler = new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false };
        using var client = new HttpClient(handler) { BaseAddress = _host.Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", await _host.TokenAsync("ann"));

        using var first = await PayAsync(client, "/redirects", "key-1");
        using var repeat = await PayAsync(client, "/redirects", "key-1");

        first.StatusCode.Should().Be(HttpStatusCode.Redirect);
        first.Header("Set-Cookie").Should().Contain("secret");
        repeat.StatusCode.Should().Be(HttpStatusCode.Redirect);
        repeat.Header("Location").Should().Be("/elsewhere");
        repeat.Header("Set-Cookie").Should().BeNull();
        (await BalanceAsync(client)).Should().Be(95);
    }

    [Test]
    public async Task A_file_is_captured_whole_and_replayed_byte_for_byte()
    {
        using var client = await _host.SignInAsync("ann");

        using var first = await PayAsync(client, "/file", "key-1");
        using var repeat = await PayAsync(client, "/file", "key-1");

        (await first.Content.ReadAsByteArrayAsync()).Should().HaveCount(1000);
        (await repeat.Content.ReadAsByteArrayAsync()).Should().HaveCount(1000);
        (await BalanceAsync(client)).Should().Be(95);
    }

    [Test]
    public async Task A_response_shorter_than_its_declared_length_is_not_charged()
    {
        using var client = await _host.SignInAsync("ann");

        await FluentActions.Awaiting(() => PayAsync(client, "/stump", "key-1")).Should().ThrowAsync<HttpRequestException>();

        (await BalanceAsync(client)).Should().Be(100);
    }

    [Test]
    public async Task A_large_error_response_costs_nothing_and_is_not_buffered()
    {
        using var client = await _host.SignInAsync("ann");

        using var response = await PayAsync(client, "/large-refusal", "key-1");

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        response.Header("Credits-Available").Should().Be("100");
        (await response.Content.ReadAsStringAsync()).Should().HaveLength(200_000);
        (await BalanceAsync(client)).Should().Be(100);
    }

    [Test]
    public async Task An_encoded_response_is_replayed_with_its_encoding()
    {
        using var client = await _host.SignInAsync("ann");

        using var first = await PayAsync(client, "/encoded", "key-1");
        using var repeat = await PayAsync(client, "/encoded", "key-1");

        first.Header("Content-Encoding").Should().Be("x-own");
        repeat.Header("Content-Encoding").Should().Be("x-own");
        (await repeat.Content.ReadAsStringAsync()).Should().Be("coded");
    }

    [Test]
    public async Task A_price_on_group_and_endpoint_fails_the_start()
    {
        using var folder = new TemporaryFolder();

        await FluentActions.Awaiting(() => TestHost.StartAsync(
            folder, map: app => app.MapGroup("/group").RequireCredits(1).MapPost("/twice", () => "x").RequireCredits(1)))
            .Should().ThrowAsync<InvalidOperationException>().WithMessage("*twice*/group/twice*");
    }

    private void Map(WebApplication app)
    {
        app.MapPost("/file", () =>
        {
            var path = _folder.File("paid.bin");
            File.WriteAllBytes(path, new byte[1000]);
            return Results.File(path, "application/octet-stream");
        }).RequireCredits(5);
        app.MapPost("/stump", async (HttpContext context) =>
        {
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync("short");
        }).RequireCredits(5);
        app.MapPost("/large-refusal", () => Results.Text(new string('x', 200_000), statusCode: 400)).RequireCredits(5);
        app.MapPost("/encoded", async (HttpContext context) =>
        {
            context.Response.Headers.ContentEncoding = "x-own";
            await context.Response.WriteAsync("coded");
        }).RequireCredits(5);
        app.MapPost("/paid", () => TypedResults.Json(new { run = Interlocked.Increment(ref _runs) })).RequireCredits(5);
        app.MapPost("/expensive", () => Interlocked.Increment(ref _runs)).RequireCredits(1000);
        app.MapPost("/throws", string () => throw new NotSupportedException("on purpose")).RequireCredits(5);
        app.MapPost("/refuses-first", () => Interlocked.Increment(ref _runs) == 1 ? Results.StatusCode(422) : Results.Text("well"))
            .RequireCredits(5);
        app.MapPost("/large", () =>
        {
            Interlocked.Increment(ref _runs);
            return Results.Text(new string('x', 200_000));
        }).RequireCredits(5);
        app.MapPost("/streamed", async (HttpContext context) =>
        {
            Interlocked.Increment(ref _runs);
            context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
            await context.Response.WriteAsync("12345");
            await context.Response.Body.FlushAsync();
            await context.Response.WriteAsync("67890");
        }).RequireCredits(5);
        app.MapPost("/redirects", (HttpContext context) =>
        {
            context.Response.Cookies.Append("secret", "1");
            return Results.Redirect("/elsewhere");
        }).RequireCredits(5);
    }

    private static async Task<HttpResponseMessage> PayAsync(HttpClient client, string path, string? key, string body = "{}")
    {
        using var request =
            new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        }

        return await client.SendAsync(request);
    }

    private static async Task<long> BalanceAsync(HttpClient client) =>
        (await client.GetFromJsonAsync<System.Text.Json.JsonElement>("/auth/credits")).GetProperty("credits").GetInt64();
}
