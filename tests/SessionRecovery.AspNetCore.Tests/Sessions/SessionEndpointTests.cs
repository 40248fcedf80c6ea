using System.Net;
using System.Net.Http.Headers;
using System.Text;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.AspNetCore.Tests.Hosting;

namespace SessionRecovery.AspNetCore.Tests.Sessions;

[TestFixture]
internal sealed class SessionEndpointTests
{
    private TemporaryFolder _folder = null!;
    private TestHost _host = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _folder = new TemporaryFolder();
        _host = await TestHost.StartAsync(
            _folder,
            (builder, recovery) =>
            {
                builder.Services.AddCors(
                    cors => cors.AddDefaultPolicy(policy => policy.WithOrigins("https://app.example").AllowAnyHeader().AllowAnyMethod()));
                recovery.UseSqlite($"Data Source={_folder.File("credits.db")}").AddLocalFiles(_folder.File("files"));
            },
            map: app =>
            {
                app.UseCors();
                app.MapGet("/public", (HttpContext context) =>
                {
                    context.Response.Headers.CacheControl = "public, max-age=60";
                    return "for everyone";
                });
                app.MapGet("/plain", () => "plain");
                app.MapGet("/hosts-own", () => "secret").RequireAuthorization();
            });
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task A_new_user_gets_100_credits_and_a_version_token()
    {
        using var ann = await _host.SignInAsync("ann");

        using var response = await ann.GetAsync("/auth/credits");
        var body = await response.JsonAsync();

        body.GetProperty("success").GetBoolean().Should().BeTrue();
        body.GetProperty("credits").GetInt64().Should().Be(100);
        body.GetProperty("held").GetInt64().Should().Be(0);
        body.GetProperty("user_id").GetString().Should().Be("ann");
        body.GetProperty("status").GetString().Should().Be("known");
        body.GetProperty("version").GetInt64().Should().Be(1);
        response.Header("Credits-Version").Should().EndWith(".1");
        response.Header("Cache-Control").Should().Contain("no-store").And.Contain("private");
        response.Header("Session-Epoch").Should().NotBeNullOrEmpty();
    }

    [TestCase("abc")]
    [TestCase(".1")]
    [TestCase("AAAAAAAAAAAA.-1")]
    [TestCase("AAAAAAAAAAAA.99999999999999999999")]
    public async Task An_invalid_version_token_is_400(string versionToken)
    {
        using var ann = await _host.SignInAsync("ann");
        ann.DefaultRequestHeaders.TryAddWithoutValidation("Credits-Version", versionToken);

        await (await ann.GetAsync("/auth/credits")).ShouldBeProblemAsync(HttpStatusCode.BadRequest, "invalid_credits_version");
    }

    [Test]
    public async Task A_version_token_above_the_store_gives_no_number()
    {
        using var ann = await _host.SignInAsync("ann");
        using var first = await ann.GetAsync("/auth/credits");
        ann.DefaultRequestHeaders.Add("Credits-Version", first.Header("Credits-Version")![..^1] + "9");

        using var response = await ann.GetAsync("/auth/credits");

        await response.ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "credits_unavailable");
        response.Header("Retry-After").Should().Be("1");
    }

    [Test]
    public async Task Health_is_healthy_with_its_three_checks()
    {
        using var ann = await _host.SignInAsync("ann");

        var body = await (await ann.GetAsync("/session/health")).JsonAsync();

        body.GetProperty("status").GetString().Should().Be("healthy");
        body.GetProperty("epoch").GetString().Should().NotBeNullOrEmpty();
        body.GetProperty("checks").EnumerateArray().Select(check => check.GetProperty("name").GetString())
            .Should().BeEquivalentTo("authority", "credits", "upstream");
    }

    [Test]
    public async Task Missing_and_invalid_tokens_are_401_with_code_and_epoch()
    {
        using var anonymous = _host.Anonymous();
        using var forged = _host.Anonymous();
        forged.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "CfDJ8forged");

        using var none = await anonymous.GetAsync("/auth/credits");
        using var hosts = await anonymous.GetAsync("/hosts-own");
        await hosts.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "unauthenticated");
        hosts.Header("Session-Epoch").Should().NotBeNullOrEmpty();
        using var bad = await forged.GetAsync("/session/health");

        await none.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "unauthenticated");
        await bad.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "invalid_token");
        bad.Header("Session-Epoch").Should().NotBeNullOrEmpty();
    }

    [Test]
    public async Task A_token_of_another_key_is_rejected()
    {
        using var otherFolder = new TemporaryFolder();
        await using var other = await TestHost.StartAsync(otherFolder);
        using var client = _host.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await other.TokenAsync("ann"));

        await (await client.GetAsync("/auth/credits")).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "invalid_token");
    }

    [Test]
    public async Task Verify_checks_the_header_token_and_rejects_another_in_bodies()
    {
        var token = await _host.TokenAsync("ann");
        using var ann = _host.Anonymous();
        ann.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

        using var plain = await ann.PostAsync("/auth/verify", content: null);
        using var same = await ann.PostAsync("/auth/verify", Json($$"""{"token":"{{token}}"}"""));
        using var other = await ann.PostAsync("/auth/verify", Json($$"""{"token":"{{await _host.TokenAsync("bob")}}"}"""));
        using var malformed = await ann.PostAsync("/auth/verify", Json("{\"token\":"));
        using var huge = await ann.PostAsync("/auth/verify", Json($$"""{"token":"{{new string('x', 30_000)}}"}"""));

        var body = await plain.JsonAsync();
        body.GetProperty("valid").GetBoolean().Should().BeTrue();
        body.GetProperty("user_id").GetString().Should().Be("ann");
        body.GetProperty("expires_at").GetDateTimeOffset().Should().BeAfter(DateTimeOffset.UtcNow);
        same.StatusCode.Should().Be(HttpStatusCode.OK);
        await other.ShouldBeProblemAsync(HttpStatusCode.BadRequest, "token_mismatch");
        await malformed.ShouldBeProblemAsync(HttpStatusCode.BadRequest, "malformed_json");
        await huge.ShouldBeProblemAsync(HttpStatusCode.RequestEntityTooLarge, "body_too_large");
    }

    [Test]
    public async Task A_healthy_session_needs_no_recovery_and_gets_its_credits()
    {
        using var ann = await _host.SignInAsync("ann");

        var body = await (await ann.PostAsync("/session/recover", Json("""{"trigger":"new_epoch"}"""))).JsonAsync();

        body.GetProperty("outcome").GetString().Should().Be("not_needed");
        body.GetProperty("credits").GetInt64().Should().Be(100);
    }

    [Test]
    public async Task Ending_a_session_is_204_and_affects_no_other_session()
    {
        using var ann = await _host.SignInAsync("ann");

        using var response = await ann.PostAsync("/session/end", content: null);

        response.StatusCode.Should().Be(HttpStatusCode.NoContent);
    }

    [Test]
    public async Task Responses_carry_the_epoch_unless_publicly_cacheable()
    {
        using var client = _host.Anonymous();

        (await client.GetAsync("/plain")).Header("Session-Epoch").Should().NotBeNullOrEmpty();
        (await client.GetAsync("/public")).Header("Session-Epoch").Should().BeNull();
    }

    [Test]
    public async Task A_cross_origin_page_reads_headers_under_the_host_policy()
    {
        using var ann = await _host.SignInAsync("ann");
        ann.DefaultRequestHeaders.Add("Origin", "https://app.example");
        using var stranger = await _host.SignInAsync("ann");
        stranger.DefaultRequestHeaders.Add("Origin", "https://evil.example");

        using var allowed = await ann.GetAsync("/auth/credits");
        using var refused = await stranger.GetAsync("/auth/credits");

        allowed.Header("Access-Control-Allow-Origin").Should().Be("https://app.example");
        allowed.Header("Access-Control-Expose-Headers").Should().Contain("Session-Epoch").And.Contain("Credits-Version");
        refused.Header("Access-Control-Allow-Origin").Should().BeNull();
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
