using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.RazorPages.Infrastructure;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.AspNetCore.Credits;
using SessionRecovery.AspNetCore.Tests.Hosting;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Tests.Credits.Attributes;

/// <summary>Tests that actions and handlers with an attribute behave like endpoints with a call of <c>RequireCredits</c>.</summary>
[TestFixture]
internal sealed class PaidAttributeTests
{
    private TemporaryFolder _folder = null!;
    private TestHost _host = null!;
    private HttpClient _ann = null!;

    private int Runs => _host.Services.GetRequiredService<WorkCounter>().Runs;

    [SetUp]
    public async Task StartAsync()
    {
        _folder = new TemporaryFolder();
        _host = await StartAsync(
            static app =>
            {
                app.MapOpenApi();
                app.MapControllers();
                app.MapPost("/handler", [RequireCredits(7)] static (WorkCounter counter) => counter.Count());
            });
        _ann = await _host.SignInAsync("ann");
    }

    [TearDown]
    public async Task StopAsync()
    {
        _ann.Dispose();
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    [TestCase("/work/draw", 95)]
    [TestCase("/work/settle", 97)]
    [TestCase("/work/stream", 95)]
    [TestCase("/handler", 93)]
    [TestCase("/orders", 100)]
    public async Task An_attributed_endpoint_is_charged_once_and_replayed(string path, long available)
    {
        using var first = await PayAsync(path, 3);
        var body = await first.Content.ReadAsStringAsync();
        var runs = Runs;
        using var repeat = await PayAsync(path, 3);

        first.StatusCode.Should().Be(HttpStatusCode.OK);
        repeat.Header("Idempotency-Replayed").Should().Be("true");
        (await repeat.Content.ReadAsStringAsync()).Should().Be(body);
        Runs.Should().Be(runs);
        (await BalanceAsync()).Should().Be((available, 0));
    }

    [TestCase("/work/draw")]
    [TestCase("/work/throw")]
    [TestCase("/orders")]
    public async Task A_failed_action_costs_nothing_and_can_be_repeated(string path)
    {
        using var failed = await PayAsync(path, 0);
        using var repeat = await PayAsync(path, 0);

        failed.IsSuccessStatusCode.Should().BeFalse();
        repeat.StatusCode.Should().Be(failed.StatusCode);
        repeat.Header("Idempotency-Replayed").Should().BeNull();
        (await BalanceAsync()).Should().Be((100, 0));
    }

    [TestCase("/work/draw")]
    [TestCase("/orders")]
    [TestCase("/handler")]
    public async Task An_attributed_endpoint_requires_a_sign_in_and_a_key(string path)
    {
        using var anonymous = _host.Anonymous();
        using var withoutSignIn = await anonymous.PostAsJsonAsync(path, new WorkRequest(1));
        using var withoutKey = await _ann.PostAsJsonAsync(path, new WorkRequest(1));

        withoutSignIn.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        await withoutKey.ShouldBeProblemAsync(HttpStatusCode.BadRequest, "idempotency_key_required");
        Runs.Should().Be(0);
    }

    [Test]
    public async Task An_action_without_an_attribute_needs_no_key()
    {
        using var response = await _ann.PostAsJsonAsync("/work/free", new WorkRequest(4));

        (await response.Content.ReadAsStringAsync()).Should().Be("4");
    }

    [TestCase("/work/draw", "The request costs 5 credits.")]
    [TestCase("/orders", null)]
    [TestCase("/handler", "The request costs 7 credits.")]
    public async Task The_description_of_an_attributed_endpoint_has_key_price_and_problems(string path, string? price)
    {
        var document = JsonNode.Parse(await _ann.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)))!;
        var operation = document["paths"]![path]!["post"]!;

        ((string?)operation["description"]).Should().Be(price);
        operation["parameters"]!.AsArray().Select(static parameter => (string)parameter!["name"]!).Should().Equal("Idempotency-Key");
        operation["responses"]!.AsObject().Select(static response => response.Key).Should()
            .Contain(["200", "400", "401", "409", "422", "503", "504"]);
        operation["responses"]!.AsObject().ContainsKey("402").Should().Be(price is not null);
        ((string)operation["responses"]!["409"]!["description"]!).Should().StartWith("Problem codes: in_progress");
    }

    [Test]
    public async Task A_call_on_attributed_controllers_fails_the_start() =>
        await ShouldFailAsync(
            "[RequireIdempotency] and RequireCredits are both used for '*OrderController.Place *Keep only one of them.",
            static app => app.MapControllers().RequireCredits(5));

    [Test]
    public async Task An_attribute_and_a_call_on_a_handler_fail_the_start()
    {
        await ShouldFailAsync(
            "[RequireCredits] and RequireIdempotency are both used for *POST /handler*",
            static app => app.MapPost("/handler", [RequireCredits(7)] static () => "x").RequireIdempotency());
        await ShouldFailAsync(
            "[RequireCredits] and RequireCredits are both used for *POST /group/handler*",
            static app => app.MapGroup("/group").RequireCredits(1).MapPost("/handler", [RequireCredits(7)] static () => "x"));
    }

    [Test]
    public async Task Two_attributes_on_one_endpoint_fail_the_start() =>
        await ShouldFailAsync(
            "* and [Require*] are both used for *POST /twice*",
            static app => app.MapPost("/twice", [RequireIdempotency] [RequireCredits(7)] static () => "x"));

    [Test]
    public async Task A_price_that_is_none_fails_the_start() =>
        await ShouldFailAsync<ArgumentOutOfRangeException>(
            "*cost*", static app => app.MapPost("/none", [RequireCredits(0)] static () => "x"));

    [Test]
    public async Task An_attribute_on_a_page_fails_the_start() =>
        await ShouldFailAsync(
            "[RequireCredits] is used on the page *",
            static app => MapPage(app, new RequireCreditsAttribute(5), new PageActionDescriptor()));

    [Test]
    public async Task An_attribute_on_a_page_handler_fails_the_start() =>
        await ShouldFailAsync("[RequireIdempotency] is used on the page *", static app => MapPage(app, new CompiledPageActionDescriptor
        {
            HandlerMethods = [new HandlerMethodDescriptor { MethodInfo = typeof(PaidAttributeTests).GetMethod(nameof(OnPost))! }],
        }));

    [RequireIdempotency]
    public static void OnPost()
    {
    }

    private static void MapPage(IEndpointRouteBuilder app, params object[] metadata) =>
        app.DataSources.Add(new DefaultEndpointDataSource(new RouteEndpoint(
            static _ => Task.CompletedTask,
            RoutePatternFactory.Parse("/page"),
            order: 0,
            new EndpointMetadataCollection(metadata),
            "/Page")));

    private static async Task ShouldFailAsync(string message, Action<WebApplication> map) =>
        await ShouldFailAsync<InvalidOperationException>(message, map);

    private static async Task ShouldFailAsync<TException>(string message, Action<WebApplication> map)
        where TException : Exception
    {
        using var folder = new TemporaryFolder();

        await FluentActions.Awaiting(() => StartAsync(folder, map)).Should().ThrowAsync<TException>().WithMessage(message);
    }

    private Task<TestHost> StartAsync(Action<WebApplication> map) => StartAsync(_folder, map);

    private static Task<TestHost> StartAsync(TemporaryFolder folder, Action<WebApplication> map) => TestHost.StartAsync(
        folder,
        (builder, recovery) =>
        {
            builder.Services.AddOpenApi();
            builder.Services.AddSingleton<WorkCounter>();
            builder.Services.AddControllers().AddApplicationPart(typeof(WorkController).Assembly);
            recovery.UseSqlite($"Data Source={folder.File("credits.db")}");
        },
        map);

    private async Task<HttpResponseMessage> PayAsync(string path, int size)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(new WorkRequest(size)) };
        request.Headers.Add("Idempotency-Key", "key-1");
        return await _ann.SendAsync(request);
    }

    private async Task<(long Available, long Held)> BalanceAsync()
    {
        var read = await _host.Services.GetRequiredService<ICreditService>().RefreshAsync(UserSession.AsServer(UserId.Create("ann")));
        return (read.Balance!.Available, read.Balance.Held);
    }
}
