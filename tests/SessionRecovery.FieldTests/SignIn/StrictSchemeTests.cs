using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using FluentAssertions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.FieldTests.Hosting;
using SessionRecovery.Sessions;

namespace SessionRecovery.FieldTests.SignIn;

/// <summary>
/// Tests authentication schemes that check the host name, the path, other headers, the client certificate or a feature of the host.
/// </summary>
[TestFixture]
internal sealed class StrictSchemeTests : FieldTest
{
    private static readonly string[] Requirements =
        ["host", "path", "path base", "header", "certificate", "connection", "feature", "method"];

    [TestCaseSource(nameof(Requirements))]
    public async Task The_requests_own_token_is_verified(string requirement)
    {
        await StartAsync(requirement);
        using var ann = SignIn("ann");

        var health = await ann.GetFromJsonAsync<JsonElement>("/studio/session/health");
        using var verify = await ann.PostAsync("/studio/auth/verify", content: null);
        using var recover = await ann.PostAsync("/studio/session/recover", content: null);

        health.GetProperty("status").GetString().Should().Be("healthy");
        verify.StatusCode.Should().Be(HttpStatusCode.OK);
        (await recover.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("outcome").GetString().Should().Be("not_needed");
    }

    [TestCaseSource(nameof(Requirements))]
    public async Task Another_token_is_verified_as_if_this_request_carried_it(string requirement)
    {
        await StartAsync(requirement);
        using var ann = SignIn("ann");

        (await CheckAsync(ann, "token-of-ben")).Should().Be("Valid ben");
        (await CheckAsync(ann, "token-of-ann")).Should().Be("Valid ann");
        (await CheckAsync(ann, "expired")).Should().Be("Rejected");
        (await CheckAsync(ann, "unknown")).Should().Be("Unavailable");
    }

    [Test]
    public async Task A_token_that_the_scheme_ignores_is_not_verified()
    {
        await StartAsync("host", static options => options.UserWithoutToken = "ann");
        using var ann = SignIn("ann");

        (await CheckAsync(ann, "unknown")).Should().Be("Unavailable");
        (await CheckAsync(ann, "token-of-ben")).Should().Be("Valid ben");
    }

    [Test]
    public async Task A_token_beside_an_API_key_is_not_reported_as_valid()
    {
        await StartAsync(
            static _ => { },
            authenticate: static services => services.AddAuthentication("service")
                .AddScheme<AuthenticationSchemeOptions, ServiceHandler>("service", null));
        using var client = Host.Anonymous();
        client.DefaultRequestHeaders.Add("X-Claim", "sub=ann");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "garbage");

        using var verify = await client.PostAsJsonAsync("/auth/verify", new { token = "garbage" });
        var health = await client.GetFromJsonAsync<JsonElement>("/session/health");

        verify.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        (await CodeAsync(verify)).Should().Be("authority_unavailable");
        health.GetProperty("status").GetString().Should().Be("inconclusive");
    }

    [Test]
    public async Task Without_a_request_only_the_end_of_a_token_rejects_it()
    {
        await StartAsync("host");
        var verifier = Host.Services.GetRequiredService<IAccessTokenVerifier>();

        (await VerifyAsync("token-of-ann")).Should().Be(TokenVerificationStatus.Unavailable);
        (await VerifyAsync("e30.eyJleHAiOjE3MDAwMDAwMDB9.AA")).Should().Be(TokenVerificationStatus.Rejected, "exp is in the past");
        (await VerifyAsync("e30.eyJleHAiOjk5OTk5OTk5OTl9.AA")).Should().Be(TokenVerificationStatus.Unavailable, "exp is in the future");

        async Task<TokenVerificationStatus> VerifyAsync(string token) =>
            (await verifier.VerifyAsync(AccessToken.Create(token), CancellationToken.None)).Status;
    }

    private Task StartAsync(string requirement, Action<StrictOptions>? configure = null) => StartAsync(
        static app => app.MapGet("/check", async (string token, IAccessTokenVerifier verifier, CancellationToken cancellationToken) =>
        {
            var result = await verifier.VerifyAsync(AccessToken.Create(token), cancellationToken);
            return result.Status == TokenVerificationStatus.Valid ? $"Valid {result.User.Value}" : result.Status.ToString();
        }).RequireAuthorization(),
        use: static app =>
        {
            app.UsePathBase("/studio");
            app.Use(static (context, next) =>
            {
                context.Features.Set<ITlsConnectionFeature>(new TlsConnectionFeature());
                context.Features.Set(new Version(1, 2));
                return next(context);
            });
            app.UseRouting();
            app.UseAuthentication();
            app.UseAuthorization();
        },
        authenticate: services => services.AddAuthentication("strict").AddScheme<StrictOptions, StrictHandler>("strict", options =>
        {
            options.Accepts = context => Fulfills(context, requirement);
            configure?.Invoke(options);
        }));

    private static bool Fulfills(HttpContext context, string requirement) => requirement switch
    {
        "host" => context.Request.Host.Host == "studio.example",
        "path" => context.Request.Path.StartsWithSegments("/session") || context.Request.Path.StartsWithSegments("/auth")
            || context.Request.Path == "/check",
        "path base" => context.Request.PathBase == "/studio",
        "header" => context.Request.Headers["X-Tenant"] == "studio",
        "certificate" => context.Features.Get<ITlsConnectionFeature>() is TlsConnectionFeature,
        "connection" => context.Connection.RemoteIpAddress is not null,
        "feature" => context.Features.Get<Version>() is not null,
        "method" => context.Request.Method is "GET" or "POST" && context.Request.Scheme == "http",
        _ => throw new ArgumentException("No such requirement.", nameof(requirement)),
    };

    private HttpClient SignIn(string user)
    {
        var client = Host.Anonymous();
        client.DefaultRequestHeaders.Host = "studio.example";
        client.DefaultRequestHeaders.Add("X-Tenant", "studio");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", $"token-of-{user}");
        return client;
    }

    private static Task<string> CheckAsync(HttpClient client, string token) => client.GetStringAsync($"/studio/check?token={token}");
}
