using System.Net;
using FluentAssertions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using NUnit.Framework;
using SessionRecovery.FieldTests.Hosting;

namespace SessionRecovery.FieldTests.SignIn;

/// <summary>
/// Tests that a request without a sign-in receives status 401 with a code, even if the host's default scheme would redirect.
/// </summary>
[TestFixture]
internal sealed class ChallengeTests : FieldTest
{
    private static readonly string[] Schemes =
    [
        "bearer", "jwt", "cookie", "cookie-forwards", "openid-connect", "openid-connect-default", "openid-connect-form",
        "openid-connect-unreachable", "oauth", "policy",
    ];

    private static readonly (HttpMethod Method, string Path)[] Requests =
    [
        (HttpMethod.Get, "/auth/credits"),
        (HttpMethod.Post, "/auth/verify"),
        (HttpMethod.Get, "/session/health"),
        (HttpMethod.Post, "/session/recover"),
        (HttpMethod.Post, "/session/end"),
        (HttpMethod.Get, "/uploads"),
        (HttpMethod.Post, "/paid"),
    ];

    [TestCaseSource(nameof(Schemes))]
    public async Task Every_endpoint_answers_401_with_a_code(string scheme)
    {
        await StartAsync(
            static app => app.MapPost("/paid", static () => "paid").RequireCredits(5),
            configure: (_, recovery) => recovery.AddLocalFiles(File("files")),
            authenticate: services => Authenticate(services, scheme));
        using var client = Host.Anonymous();

        foreach (var (method, path) in Requests)
        {
            using var request = new HttpRequestMessage(method, path) { Headers = { { "Idempotency-Key", "key-1" } } };
            using var response = await client.SendAsync(request);

            response.StatusCode.Should().Be(HttpStatusCode.Unauthorized, path);
            (await CodeAsync(response)).Should().Be("unauthenticated");
            response.Headers.Contains("Set-Cookie").Should().BeFalse("each request would leave a nonce");
        }
    }

    [Test]
    public async Task A_request_that_a_policy_forbids_is_403_with_a_code()
    {
        await StartAsync(
            static app => app.MapGet("/page", static () => "page").RequireAuthorization(),
            configure: static (builder, _) => builder.Services.AddAuthorizationBuilder().SetDefaultPolicy(
                new AuthorizationPolicyBuilder().RequireClaim("member").Build()),
            authenticate: static services => services
                .AddAuthentication(static options => (options.DefaultScheme, options.DefaultForbidScheme) = ("service", "Cookies"))
                .AddCookie()
                .AddScheme<AuthenticationSchemeOptions, ServiceHandler>("service", null));
        using var client = Host.Anonymous();
        client.DefaultRequestHeaders.Add("X-Claim", "sub=ann");

        using var own = await client.GetAsync("/auth/credits");
        using var page = await client.GetAsync("/page");

        own.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await CodeAsync(own)).Should().Be("forbidden");
        page.StatusCode.Should().Be(HttpStatusCode.Redirect);
    }

    [Test]
    public async Task The_hosts_own_endpoints_still_redirect()
    {
        await StartAsync(
            static app => app.MapGet("/page", static () => "page").RequireAuthorization(),
            authenticate: static services => Authenticate(services, "openid-connect"));
        using var client = Host.Anonymous();

        using var response = await client.GetAsync("/page");

        response.StatusCode.Should().Be(HttpStatusCode.Redirect);
        response.Headers.Location!.Host.Should().Be("issuer.example");
    }

    private static void Authenticate(IServiceCollection services, string scheme)
    {
        _ = scheme switch
        {
            "bearer" => services.AddAuthentication(BearerTokenDefaults.AuthenticationScheme).AddBearerToken(),
            "jwt" => services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(),
            "cookie" => services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(),
            "openid-connect" => services.AddAuthentication(options =>
            {
                options.DefaultScheme = CookieAuthenticationDefaults.AuthenticationScheme;
                options.DefaultChallengeScheme = OpenIdConnectDefaults.AuthenticationScheme;
            }).AddCookie().AddOpenIdConnect(Configure),
            "openid-connect-default" => services.AddAuthentication(OpenIdConnectDefaults.AuthenticationScheme)
                .AddCookie(CookieAuthenticationDefaults.AuthenticationScheme).AddOpenIdConnect(options =>
                {
                    Configure(options);
                    options.SignInScheme = CookieAuthenticationDefaults.AuthenticationScheme;
                    options.ForwardAuthenticate = CookieAuthenticationDefaults.AuthenticationScheme;
                }),
            "openid-connect-form" => services.AddAuthentication(options =>
            {
                options.DefaultScheme = CookieAuthenticationDefaults.AuthenticationScheme;
                options.DefaultChallengeScheme = OpenIdConnectDefaults.AuthenticationScheme;
            }).AddCookie().AddOpenIdConnect(options =>
            {
                Configure(options);
                options.AuthenticationMethod = OpenIdConnectRedirectBehavior.FormPost;
            }),
            "openid-connect-unreachable" => services.AddAuthentication(options =>
            {
                options.DefaultScheme = CookieAuthenticationDefaults.AuthenticationScheme;
                options.DefaultChallengeScheme = OpenIdConnectDefaults.AuthenticationScheme;
            }).AddCookie().AddOpenIdConnect(static options =>
            {
                options.ClientId = "client";
                options.Authority = "http://127.0.0.1:9";
                options.RequireHttpsMetadata = false;
            }),
            "cookie-forwards" => services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme)
                .AddCookie(static options => options.ForwardChallenge = OpenIdConnectDefaults.AuthenticationScheme)
                .AddOpenIdConnect(Configure),
            "oauth" => services.AddAuthentication(options =>
            {
                options.DefaultScheme = CookieAuthenticationDefaults.AuthenticationScheme;
                options.DefaultChallengeScheme = "oauth";
            }).AddCookie().AddOAuth("oauth", static options =>
            {
                options.ClientId = "client";
                options.ClientSecret = "secret";
                options.CallbackPath = "/callback";
                options.AuthorizationEndpoint = "https://issuer.example/authorize";
                options.TokenEndpoint = "https://issuer.example/token";
            }),
            "policy" => services.AddAuthentication("either").AddPolicyScheme("either", null, static options =>
            {
                options.ForwardDefaultSelector = static context => context.Request.Headers.Authorization.Count > 0
                    ? BearerTokenDefaults.AuthenticationScheme
                    : CookieAuthenticationDefaults.AuthenticationScheme;
                options.ForwardChallenge = OpenIdConnectDefaults.AuthenticationScheme;
            }).AddCookie().AddBearerToken().AddOpenIdConnect(Configure),
            _ => throw new ArgumentException("No such scheme.", nameof(scheme)),
        };

        // The metadata of the issuer is configured in code, so that the test needs no network.
        static void Configure(OpenIdConnectOptions options)
        {
            options.ClientId = "client";
            options.Configuration = new OpenIdConnectConfiguration { AuthorizationEndpoint = "https://issuer.example/authorize" };
        }
    }
}
