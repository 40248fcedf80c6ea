using System.IdentityModel.Tokens.Jwt;
using System.Net;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Text.Json;
using FluentAssertions;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using NUnit.Framework;
using SessionRecovery.FieldTests.Hosting;

namespace SessionRecovery.FieldTests.SignIn;

/// <summary>
/// Tests OpenID Connect behind a reverse proxy and below a path. The provider returns the result with a form from another site
/// (<c>response_mode=form_post</c>, the default). A browser sends a cookie with such a form only if the cookie allows cross-site requests.
/// </summary>
[TestFixture]
internal sealed class OpenIdConnectTests : FieldTest
{
    private const string Issuer = "https://issuer.example";
    private const string Public = $"https://{FieldProxy.PublicHost}/app";

    private static readonly SymmetricSecurityKey Key = new("the key with which the provider signs its tokens"u8.ToArray());

    private FieldProxy _proxy = null!;

    [SetUp]
    public async Task StartProxyAsync()
    {
        await StartAsync(
            static app => app.MapGet("/page", static () => "page").RequireAuthorization(),
            use: static app =>
            {
                app.UseForwardedHeaders();
                app.UsePathBase("/app");
                app.UseRouting();
                app.UseAuthentication();
                app.UseAuthorization();
            },
            configure: static (builder, recovery) => recovery.PersistDataProtectionKeys(),
            authenticate: static services =>
            {
                services.Configure<ForwardedHeadersOptions>(static options =>
                {
                    options.ForwardedHeaders = ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedFor;
                    options.KnownProxies.Add(IPAddress.Loopback);
                });
                services.AddAuthentication(static options =>
                {
                    options.DefaultScheme = CookieAuthenticationDefaults.AuthenticationScheme;
                    options.DefaultChallengeScheme = OpenIdConnectDefaults.AuthenticationScheme;
                }).AddCookie().AddOpenIdConnect(Configure);
            });
        _proxy = await FieldProxy.StartAsync(Host.Address);
    }

    [TearDown]
    public async Task StopProxyAsync() => await _proxy.DisposeAsync();

    [Test]
    public async Task A_return_by_form_post_signs_in_through_a_proxy()
    {
        using var browser = _proxy.Client();
        var (state, nonce, cookies) = await ChallengeAsync(browser);
        using var returned = await browser.SendAsync(CreateReturn(state, CreateToken(nonce), cookies));

        returned.StatusCode.Should().Be(HttpStatusCode.Redirect, await returned.Content.ReadAsStringAsync());
        returned.Headers.Location.Should().Be("/app/page");
        var session = Cookies(returned).Single(static cookie => cookie.Value.Length > 0);
        using var health = await SendAsync(browser, "/app/session/health", session.Name + "=" + session.Value);
        (await health.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("status").GetString().Should().Be("healthy");
        using var page = await SendAsync(browser, "/app/page", session.Name + "=" + session.Value);
        (await page.Content.ReadAsStringAsync()).Should().Be("page");
    }

    [Test]
    public async Task Our_endpoints_leave_no_cookie_beside_a_running_sign_in()
    {
        using var browser = _proxy.Client();
        var (state, nonce, cookies) = await ChallengeAsync(browser);
        for (var i = 0; i < 5; i++)
        {
            using var response = await SendAsync(browser, "/app/session/health", cookies);
            response.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
            response.Headers.Contains("Set-Cookie").Should().BeFalse();
            (await CodeAsync(response)).Should().Be("unauthenticated");
        }

        using var returned = await browser.SendAsync(CreateReturn(state, CreateToken(nonce), cookies));
        returned.StatusCode.Should().Be(HttpStatusCode.Redirect, "the requests have not replaced the nonce");
    }

    [Test]
    public async Task A_return_to_a_restarted_host_signs_in()
    {
        using var browser = _proxy.Client();
        var (state, nonce, cookies) = await ChallengeAsync(browser);
        await _proxy.DisposeAsync();
        Directory.Delete(File("keys"), recursive: true);
        await StartProxyAsync();
        using var later = _proxy.Client();

        using var returned = await later.SendAsync(CreateReturn(state, CreateToken(nonce), cookies));

        returned.StatusCode.Should().Be(HttpStatusCode.Redirect);
    }

    private static async Task<(string State, string Nonce, string Cookies)> ChallengeAsync(HttpClient browser)
    {
        using var challenge = await browser.GetAsync("/app/page");
        challenge.StatusCode.Should().Be(HttpStatusCode.Redirect);
        var query = QueryHelpers.ParseQuery(challenge.Headers.Location!.Query);
        query["response_mode"].ToString().Should().Be("form_post");
        query["redirect_uri"].ToString().Should().Be($"{Public}/signin-oidc");
        var cookies = Cookies(challenge).Where(static cookie => cookie.IsSentCrossSite).ToList();
        cookies.Should().HaveCount(2, "the nonce and the correlation cookie must arrive with a form of another site");
        return (query["state"]!, query["nonce"]!, string.Join("; ", cookies.Select(static cookie => $"{cookie.Name}={cookie.Value}")));
    }

    private static HttpRequestMessage CreateReturn(string state, string token, string cookies)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/app/signin-oidc")
        {
            Content = new FormUrlEncodedContent([new("id_token", token), new("state", state)]),
        };
        request.Headers.Add("Cookie", cookies);
        request.Headers.Add("Origin", Issuer);
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        return request;
    }

    private static string CreateToken(string nonce)
    {
        var token = new JwtSecurityToken(
            Issuer,
            "client",
            [new Claim("sub", "ann"), new Claim("nonce", nonce)],
            expires: DateTime.UtcNow.AddMinutes(5),
            signingCredentials: new SigningCredentials(Key, SecurityAlgorithms.HmacSha256));
        token.Payload["iat"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        return new JwtSecurityTokenHandler().WriteToken(token);
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient browser, string path, string cookies)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Cookie", cookies);
        return await browser.SendAsync(request);
    }

    private static List<(string Name, string Value, bool IsSentCrossSite)> Cookies(HttpResponseMessage response) =>
    [
        .. response.Headers.GetValues("Set-Cookie").Select(static cookie =>
        {
            var pair = cookie.Split(';')[0].Split('=', 2);
            var isForOtherSites = cookie.Contains("samesite=none", StringComparison.OrdinalIgnoreCase)
                && cookie.Contains("secure", StringComparison.OrdinalIgnoreCase);
            return (pair[0], pair[1], isForOtherSites);
        }),
    ];

    // The metadata of the provider is configured, so that no network is needed.
    private static void Configure(OpenIdConnectOptions options)
    {
        options.ClientId = "client";
        options.ResponseType = OpenIdConnectResponseType.IdToken;
        options.MapInboundClaims = false;
        options.Configuration = new OpenIdConnectConfiguration { Issuer = Issuer, AuthorizationEndpoint = $"{Issuer}/authorize" };
        options.Configuration.SigningKeys.Add(Key);
    }
}
