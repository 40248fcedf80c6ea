using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.AspNetCore.Tests.Hosting;

namespace SessionRecovery.AspNetCore.Tests.Http;

/// <summary>
/// Tests that the host's CORS policy decides which origins and methods are allowed. The request headers of SessionRecovery must be allowed
/// for each origin that the policy allows.
/// </summary>
[TestFixture]
internal sealed class CorsTests
{
    private static readonly string[] Ours = ["Credits-Version", "Idempotency-Key", "Session-Client"];

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void Start() => _folder = new TemporaryFolder();

    [TearDown]
    public void Stop() => _folder.Dispose();

    [TestCase("/auth/credits", "GET")]
    [TestCase("/session/recover", "POST")]
    [TestCase("/uploads", "POST")]
    [TestCase("/hosts-own", "POST")]
    public async Task A_policy_with_named_headers_allows_ours_too(string path, string method)
    {
        await using var host = await StartAsync(policy => policy.WithHeaders("authorization", "content-type").WithMethods(method));

        using var response = await PreflightAsync(host, path, method, "https://app.example");

        AllowedHeaders(response).Should().Contain(["authorization", "content-type"]).And.Contain(Ours);
    }

    [Test]
    public async Task A_policy_without_headers_allows_ours_only()
    {
        await using var host = await StartAsync(static policy => policy.WithMethods("POST"));

        using var response = await PreflightAsync(host, "/hosts-own", "POST", "https://app.example");

        AllowedHeaders(response).Should().BeEquivalentTo(Ours);
    }

    [Test]
    public async Task A_policy_with_any_header_keeps_it()
    {
        await using var host = await StartAsync(static policy => policy.AllowAnyHeader().AllowAnyMethod());

        using var response = await PreflightAsync(host, "/hosts-own", "POST", "https://app.example", "x-other, credits-version");

        AllowedHeaders(response).Should().Contain(["x-other", "credits-version"]).And.Contain(Ours);
    }

    [TestCase("/auth/credits")]
    [TestCase("/hosts-own")]
    public async Task Another_origin_is_allowed_nothing(string path)
    {
        await using var host = await StartAsync(static policy => policy.WithHeaders("authorization").AllowAnyMethod());

        using var response = await PreflightAsync(host, path, "GET", "https://evil.example");

        response.Header("Access-Control-Allow-Origin").Should().BeNull();
        response.Header("Access-Control-Allow-Headers").Should().NotContainAny(Ours);
    }

    [Test]
    public async Task Only_a_preflight_lists_headers()
    {
        await using var host = await StartAsync(static policy => policy.WithHeaders("authorization").AllowAnyMethod());
        using var client = await host.SignInAsync("ann");
        client.DefaultRequestHeaders.Add("Origin", "https://app.example");

        using var response = await client.GetAsync("/auth/credits");

        response.Header("Access-Control-Allow-Origin").Should().Be("https://app.example");
        response.Header("Access-Control-Allow-Headers").Should().BeNull();
    }

    private Task<TestHost> StartAsync(Action<CorsPolicyBuilder> configure) => TestHost.StartAsync(
        _folder,
        (builder, recovery) =>
        {
            builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => configure(policy.WithOrigins("https://app.example"))));
            recovery.UseSqlite($"Data Source={_folder.File("credits.db")}").AddLocalFiles(_folder.File("files"));
        },
        map: app =>
        {
            app.UseCors();
            app.MapPost("/hosts-own", () => "done");
        });

    private static async Task<HttpResponseMessage> PreflightAsync(
        TestHost host,
        string path,
        string method,
        string origin,
        string headers = "credits-version")
    {
        using var client = host.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Options, path);
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", method);
        request.Headers.Add("Access-Control-Request-Headers", headers);
        return await client.SendAsync(request);
    }

    private static string[] AllowedHeaders(HttpResponseMessage response) =>
        (response.Header("Access-Control-Allow-Headers") ?? string.Empty).Split(',', StringSplitOptions.TrimEntries);
}
