using System.Net;
using System.Security.Claims;
using System.Text;
using FluentAssertions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.AspNetCore.Sessions;
using SessionRecovery.AspNetCore.Tests.Hosting;

namespace SessionRecovery.AspNetCore.Tests.Sessions;

/// <summary>Tests hosts that sign users in with a cookie or a named scheme, or that register SessionRecovery twice.</summary>
[TestFixture]
internal sealed class OtherSchemesTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void Start() => _folder = new TemporaryFolder();

    [TearDown]
    public void Stop() => _folder.Dispose();

    [Test]
    public async Task A_cookie_with_a_read_token_is_a_healthy_session()
    {
        await using var host = await StartCookieHostAsync();
        using var ann = await SignInByCookieAsync(host);

        var health = await (await ann.GetAsync("/session/health")).JsonAsync();
        using var verified = await ann.SendAsync(Unsafe(HttpMethod.Post, "/auth/verify"));

        health.GetProperty("status").GetString().Should().Be("healthy");
        verified.StatusCode.Should().Be(HttpStatusCode.OK);
        (await ann.GetStringAsync("/whose-token")).Should().Be("saved-token");
    }

    [Test]
    public async Task A_header_beside_a_cookie_is_not_the_users_token()
    {
        await using var host = await StartCookieHostAsync();
        using var ann = await SignInByCookieAsync(host);
        ann.DefaultRequestHeaders.Authorization = new("Bearer", "token-of-somebody-else");

        (await ann.GetStringAsync("/whose-token")).Should().Be("saved-token");
    }

    [Test]
    public async Task A_cross_site_form_cannot_use_the_cookie()
    {
        await using var host = await StartCookieHostAsync();
        using var ann = await SignInByCookieAsync(host);

        using var forged = await ann.PostAsync("/session/end", new FormUrlEncodedContent([]));
        using var basic = new HttpRequestMessage(HttpMethod.Post, "/session/end");
        basic.Headers.Authorization = new("Basic", "YTpi");
        using var forgedWithBasic = await ann.SendAsync(basic);
        using var own = await ann.SendAsync(Unsafe(HttpMethod.Post, "/session/end"));

        await forged.ShouldBeProblemAsync(HttpStatusCode.BadRequest, "custom_header_required");
        await forgedWithBasic.ShouldBeProblemAsync(HttpStatusCode.BadRequest, "custom_header_required");
        own.StatusCode.Should().Be(HttpStatusCode.NoContent);
    }

    [Test]
    public async Task A_missing_cookie_is_401_without_a_redirect()
    {
        await using var host = await StartCookieHostAsync();
        using var anonymous = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = host.Address };

        await (await anonymous.GetAsync("/auth/credits")).ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Test]
    public async Task A_named_non_default_scheme_signs_in()
    {
        await using var host = await TestHost.StartAsync(
            _folder,
            (builder, recovery) =>
            {
                builder.Configuration.AddInMemoryCollection(
                    [new("SessionRecovery:Session:Scheme", BearerTokenDefaults.AuthenticationScheme)]);
                recovery.UseSqlite($"Data Source={_folder.File("credits.db")}");
            },
            map: app => app.MapPost("/paid", () => "paid").RequireCredits(5),
            authenticate: services =>
                services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie().AddBearerToken());
        using var ann = await host.SignInAsync("ann");
        using var request =
            new HttpRequestMessage(HttpMethod.Post, "/paid") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", "key-1");

        (await (await ann.GetAsync("/session/health")).JsonAsync()).GetProperty("status").GetString().Should().Be("healthy");
        (await ann.SendAsync(request)).Header("Credits-Available").Should().Be("95");
    }

    [Test]
    public async Task A_library_and_its_host_may_both_register_SessionRecovery()
    {
        await using var host = await TestHost.StartAsync(_folder, (builder, recovery) =>
        {
            builder.Services.AddSessionRecovery();
            recovery.UseSqlite($"Data Source={_folder.File("credits.db")}");
        });
        using var ann = await host.SignInAsync("ann");

        (await ann.GetAsync("/auth/credits")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    private Task<TestHost> StartCookieHostAsync() => TestHost.StartAsync(
        _folder,
        map: app =>
        {
            app.MapPost("/cookie", async (HttpContext context) =>
            {
                var properties = new AuthenticationProperties();
                properties.StoreTokens([new AuthenticationToken { Name = "access_token", Value = "saved-token" }]);
                await context.SignInAsync(new ClaimsPrincipal(
                    new ClaimsIdentity([new Claim("sub", "ann")], CookieAuthenticationDefaults.AuthenticationScheme)), properties);
            });
            app.MapGet("/whose-token", async Task<IResult> (HttpContext context) =>
                Results.Text((await context.GetUserSessionAsync()).Token?.Reveal())).RequireAuthorization();
        },
        authenticate: services =>
            services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie().AddBearerToken());

    private static async Task<HttpClient> SignInByCookieAsync(TestHost host)
    {
        var client = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = host.Address };
        (await client.PostAsync("/cookie", content: null)).EnsureSuccessStatusCode();
        return client;
    }

    private static HttpRequestMessage Unsafe(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Session-Client", "browser");
        return request;
    }
}
