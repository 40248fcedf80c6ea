using System.Net;
using FluentAssertions;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using SessionRecovery.AspNetCore.Credits;
using SessionRecovery.AspNetCore.Tests.Hosting;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Tests.Credits.Attributes;

/// <summary>Tests attributes on endpoints that no route pattern selects: they are charged, or their handler does not run.</summary>
[TestFixture]
internal sealed class UnroutedAttributeTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void CreateFolder() => _folder = new TemporaryFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public Task A_fallback_action_is_charged_once() =>
        ShouldChargeOnceAsync(static app => app.MapFallbackToController("Run", "Fallback"));

    [Test]
    public Task A_dynamic_action_is_charged_once() =>
        ShouldChargeOnceAsync(static app => app.MapDynamicControllerRoute<FallbackRoute>("/anything"));

    [TestCase(true)]
    [TestCase(false)]
    public async Task An_endpoint_of_middleware_does_not_run_without_a_charge(bool isBeforeAuthorization)
    {
        var runs = 0;
        await using var host = await StartAsync(app =>
        {
            if (!isBeforeAuthorization)
            {
                app.UseAuthorization();
            }

            app.Use((context, next) =>
            {
                if (context.Request.Path == "/anything")
                {
                    context.SetEndpoint(CreateEndpoint(() => runs++));
                }

                return next(context);
            });
            if (isBeforeAuthorization)
            {
                app.UseAuthorization();
            }
        });
        using var ann = await host.SignInAsync("ann");

        using var response = await PayAsync(ann);

        response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        runs.Should().Be(0);
    }

    [Test]
    public async Task A_host_without_the_web_services_does_not_run_the_handler()
    {
        var runs = 0;
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddAuthentication(BearerTokenDefaults.AuthenticationScheme).AddBearerToken();
        builder.Services.AddAuthorization();
        builder.Services.AddSessionRecoveryCore<NoVerifier>().UseSqlite($"Data Source={_folder.File("credits.db")}");
        await using var app = builder.Build();
        app.MapPost("/anything", [RequireCredits(5)] () => ++runs);
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        using var response = await PayAsync(client);

        response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        runs.Should().Be(0);
    }

    [Test]
    public async Task A_hub_with_a_price_fails_the_start()
    {
        await ShouldFailAsync("[RequireCredits] is used on the hub *", static app => app.MapHub<HubWithPrice>("/hub"));
        await ShouldFailAsync("[RequireCredits] is used on the hub *", static app => app.MapHub<HubWithPricedMethod>("/hub"));
        await ShouldFailAsync("RequireCredits is used on the hub *", static app => app.MapHub<PlainHub>("/hub").RequireCredits(1));
        await (await StartAsync(static app => app.MapHub<PlainHub>("/hub"))).DisposeAsync();
    }

    private static Endpoint CreateEndpoint(Action run) => new(
        context =>
        {
            run();
            return context.Response.WriteAsync("free");
        },
        new EndpointMetadataCollection(new RequireCreditsAttribute(9)),
        "middleware");

    private async Task ShouldChargeOnceAsync(Action<WebApplication> map)
    {
        await using var host = await StartAsync(map);
        using var ann = await host.SignInAsync("ann");
        using var anonymous = host.Anonymous();
        using var rejected = await PayAsync(anonymous);
        using var first = await PayAsync(ann);
        using var repeat = await PayAsync(ann);

        rejected.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        first.StatusCode.Should().Be(HttpStatusCode.OK);
        repeat.Header("Idempotency-Replayed").Should().Be("true");
        host.Services.GetRequiredService<WorkCounter>().Runs.Should().Be(1);
        var read = await host.Services.GetRequiredService<ICreditService>().RefreshAsync(UserSession.AsServer(UserId.Create("ann")));
        read.Balance!.Available.Should().Be(98);
    }

    private async Task ShouldFailAsync(string message, Action<WebApplication> map) => await FluentActions
        .Awaiting(() => StartAsync(map)).Should().ThrowAsync<InvalidOperationException>().WithMessage(message);

    private Task<TestHost> StartAsync(Action<WebApplication> map) => TestHost.StartAsync(
        _folder,
        (builder, recovery) =>
        {
            builder.Services.AddSignalR();
            builder.Services.AddSingleton<WorkCounter>();
            builder.Services.AddSingleton<FallbackRoute>();
            builder.Services.AddControllers().AddApplicationPart(typeof(FallbackController).Assembly);
            recovery.UseSqlite($"Data Source={_folder.File("credits.db")}");
        },
        map);

    private static async Task<HttpResponseMessage> PayAsync(HttpClient client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/anything");
        request.Headers.Add("Idempotency-Key", "key-1");
        return await client.SendAsync(request);
    }

    private sealed class NoVerifier : IAccessTokenVerifier
    {
        public ValueTask<TokenVerificationResult> VerifyAsync(AccessToken token, CancellationToken cancellationToken) =>
            new(TokenVerificationResult.Unavailable);
    }
}
