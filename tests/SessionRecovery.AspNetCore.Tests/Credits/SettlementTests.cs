using System.Globalization;
using System.Net;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.AspNetCore.Tests.Hosting;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Tests.Credits;

/// <summary>Tests prices that depend on the request, and handlers that set what a request cost.</summary>
[TestFixture]
internal sealed class SettlementTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private TemporaryFolder _folder = null!;
    private TestHost _host = null!;
    private FaultyStore _store = null!;
    private HttpClient _ann = null!;
    private int _runs;

    [SetUp]
    public async Task StartAsync()
    {
        _runs = 0;
        _folder = new TemporaryFolder();
        _host = await TestHost.StartAsync(
            _folder,
            (builder, recovery) =>
            {
                builder.Configuration.AddInMemoryCollection([new("SessionRecovery:Credits:RetryDelay", "00:00:00")]);
                recovery.UseSqlite($"Data Source={_folder.File("credits.db")}");
                FaultyStore.Install(builder.Services);
            },
            Map);
        _store = _host.Services.GetRequiredService<FaultyStore>();
        _ann = await _host.SignInAsync("ann");
    }

    [TearDown]
    public async Task StopAsync()
    {
        var faults = await _store.AuditAsync(CancellationToken.None);
        _ann.Dispose();
        await _host.DisposeAsync();
        _folder.Dispose();
        faults.Should().BeEmpty();
    }

    [TestCase("7", 93)]
    [TestCase("0", 100)]
    [TestCase("30", 70)]
    [TestCase("", 70)]
    [TestCase("25,7", 93)]
    public async Task A_request_is_charged_its_settled_cost_once(string settle, long available)
    {
        using var first = await PayAsync($"/priced?max=30&settle={settle}");
        using var repeat = await PayAsync($"/priced?max=30&settle={settle}");

        first.StatusCode.Should().Be(HttpStatusCode.OK);
        first.Header("Credits-Available").Should().Be($"{available}");
        repeat.Header("Idempotency-Replayed").Should().Be("true");
        (await repeat.Content.ReadAsStringAsync()).Should().Be(await first.Content.ReadAsStringAsync()).And.Be("run 1 of at most 30");
        _runs.Should().Be(1);
        (await BalanceAsync()).Should().Be((available, 0));
    }

    [TestCase("/throws")]
    [TestCase("/refuses")]
    [TestCase("/stream-throws")]
    public async Task A_settled_request_that_fails_is_not_charged(string path)
    {
        await FluentActions.Awaiting(async () => (await PayAsync(path)).EnsureSuccessStatusCode())
            .Should().ThrowAsync<HttpRequestException>();

        (await BalanceAsync()).Should().Be((100, 0));
    }

    [TestCase(31)]
    [TestCase(-1)]
    public async Task A_settlement_outside_the_reservation_is_rejected(int settle)
    {
        using var response = await PayAsync($"/misused?settle={settle}");

        (await response.Content.ReadAsStringAsync()).Should().Be(
            $"The settled amount must be from 0 to the reserved amount, which is 30. (Parameter 'actual')\nActual value was {settle}.");
        (await BalanceAsync()).Should().Be((70, 0), "the amount was not changed");
    }

    [Test]
    public async Task A_request_without_a_price_settles_only_zero()
    {
        using var free = await PayAsync("/once?settle=0", "key-1");
        using var misused = await PayAsync("/once?settle=1", "key-2");

        free.StatusCode.Should().Be(HttpStatusCode.OK);
        misused.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
    }

    [TestCase("0")]
    [TestCase("-5")]
    [TestCase("9007199254740992")]
    [TestCase("throw")]
    public async Task A_price_function_without_a_price_reserves_nothing(string max)
    {
        var commands = 0;
        _store.CutBefore = command =>
        {
            commands += command is CreditCommand.Reserve ? 1 : 0;
            return false;
        };

        using var response = await PayAsync($"/priced?max={max}");

        response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        (_runs, commands).Should().Be((0, 0));
        (await BalanceAsync()).Should().Be((100, 0));
    }

    [Test]
    public async Task A_price_that_is_none_is_named_in_the_error()
    {
        using var response = await PayAsync("/explains/0");

        (await response.Content.ReadAsStringAsync()).Should().Match(
            "The price function of RequireCredits on '*/explains/{max}*' returned 0; valid values are 1 to 9007199254740991. *");
    }

    [Test]
    public async Task Uncovered_prices_are_402_with_their_amount()
    {
        using var max = await PayAsync("/priced?max=101");
        using var fixedPrice = await PayAsync("/expensive");

        await max.ShouldBeProblemAsync(HttpStatusCode.PaymentRequired, "insufficient_credits");
        var problem = await max.JsonAsync();
        (problem.GetProperty("max").GetInt64(), problem.GetProperty("required").GetInt64()).Should().Be((101, 101));
        problem.TryGetProperty("cost", out _).Should().BeFalse();
        problem = await fixedPrice.JsonAsync();
        (problem.GetProperty("cost").GetInt64(), problem.GetProperty("available").GetInt64()).Should().Be((1000, 100));
        problem.TryGetProperty("max", out _).Should().BeFalse();
    }

    [Test]
    public async Task A_repeat_with_another_price_receives_the_stored_response()
    {
        using var first = await PayAsync("/by-header", "key-1", ("Max", "30"));
        using var repeat = await PayAsync("/by-header", "key-1", ("Max", "50"));

        first.StatusCode.Should().Be(HttpStatusCode.OK);
        repeat.Header("Idempotency-Replayed").Should().Be("true");
        (await BalanceAsync()).Should().Be((96, 0));
    }

    [Test]
    public async Task A_client_that_leaves_a_stream_pays_its_last_settlement()
    {
        var settled = new TaskCompletionSource<long>();
        _store.CutAfter = command =>
        {
            if (command is CreditCommand.Settle settle)
            {
                settled.TrySetResult(settle.Amount);
            }

            return false;
        };
        using var request = CreateRequest("/endless", "key-1");
        using var response = await _ann.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using (var body = await response.Content.ReadAsStreamAsync())
        {
            (await body.ReadAsync(new byte[1])).Should().Be(1);
        }

        response.Dispose();

        (await settled.Task.WaitAsync(Patience)).Should().Be(12);
        (await BalanceAsync()).Should().Be((88, 0));
        using var repeat = await PayAsync("/endless");
        repeat.Header("Idempotency-Replayed").Should().Be("true");
    }

    [Test]
    public async Task A_large_response_is_settled_before_its_first_byte()
    {
        using var early = await PayAsync("/large?early=7", "key-1");
        using var late = await PayAsync("/large?early=7&late=6", "key-2");

        (await early.Content.ReadAsStringAsync()).Should().HaveLength(200_000);
        early.Header("Credits-Available").Should().Be("93");
        (await late.Content.ReadAsStringAsync()).Should().Contain("already captured (7)");
        (await BalanceAsync()).Should().Be((86, 0));
    }

    [Test]
    public async Task A_price_function_can_read_the_form()
    {
        using var request = CreateRequest("/by-form", "key-1");
        request.Content = new FormUrlEncodedContent([new("size", "30")]);

        using var response = await _ann.SendAsync(request);

        response.Header("Credits-Available").Should().Be("70");
    }

    [Test]
    public async Task A_callback_of_the_response_can_settle()
    {
        using var response = await PayAsync("/settles-on-start");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        (await BalanceAsync()).Should().Be((91, 0));
    }

    [Test]
    public async Task A_lost_settlement_response_is_retried()
    {
        var lost = 0;
        _store.CutAfter = command => command is CreditCommand.Settle && lost++ == 0;

        using var response = await PayAsync("/priced?max=30&settle=7");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        lost.Should().Be(2);
        (await BalanceAsync()).Should().Be((93, 0));
    }

    [Test]
    public async Task An_unknown_settlement_is_503_and_its_repeat_is_replayed()
    {
        _store.CutAfter = static command => command is CreditCommand.Settle;
        using var unknown = await PayAsync("/priced?max=30&settle=7");
        _store.CutAfter = static _ => false;
        using var repeat = await PayAsync("/priced?max=30&settle=7");

        await unknown.ShouldBeProblemAsync(HttpStatusCode.ServiceUnavailable, "outcome_unknown");
        repeat.Header("Idempotency-Replayed").Should().Be("true");
        (await BalanceAsync()).Should().Be((93, 0));
    }

    [TestCase("/starting-stream", "1", 99)]
    [TestCase("/starting-buffered", "1", 99)]
    [TestCase("/starting-large", "1", 99)]
    [TestCase("/starting-buffered", "0", 100)]
    public async Task A_callback_of_a_starting_response_can_settle(string path, string settle, long available)
    {
        using var response = await PayAsync($"{path}?settle={settle}").WaitAsync(Patience);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync()).Should().NotBeEmpty();
        (await BalanceAsync()).Should().Be((available, 0));
    }

    [TestCase("/starting-buffered")]
    [TestCase("/starting-large")]
    public async Task A_callback_that_fails_before_the_capture_costs_nothing(string path)
    {
        using var response = await PayAsync($"{path}?settle=31");

        response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        (await BalanceAsync()).Should().Be((100, 0));
    }

    [Test]
    public async Task Callbacks_of_a_starting_response_run_once_in_reverse_order()
    {
        using var response = await PayAsync("/starting-twice");

        response.Header("Order").Should().Be("second first");
        (await BalanceAsync()).Should().Be((95, 0));
    }

    [TestCase("/rejects/400", HttpStatusCode.BadRequest)]
    [TestCase("/rejects/422", HttpStatusCode.UnprocessableEntity)]
    [TestCase("/rejects/500", HttpStatusCode.BadRequest)]
    public async Task A_price_function_can_reject_a_request(string path, HttpStatusCode status)
    {
        using var response = await PayAsync(path);

        await response.ShouldBeProblemAsync(status, "request_rejected");
        (await response.JsonAsync()).GetProperty("detail").GetString().Should().Be("The parameter 'minutes' must be positive.");
        (await BalanceAsync()).Should().Be((100, 0));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_price_function_knows_the_length_of_a_body(bool isChunked)
    {
        using var request = CreateRequest("/by-length", "key-1");
        request.Content = new StringContent(new string('x', 15));
        request.Headers.TransferEncodingChunked = isChunked;

        using var response = await _ann.SendAsync(request);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        (await BalanceAsync()).Should().Be((85, 0));
    }

    private void Map(WebApplication app)
    {
        app.MapPost("/priced", async (HttpContext context) =>
        {
            var run = Interlocked.Increment(ref _runs);
            var paid = context.GetPaidRequest();
            foreach (var part in context.Request.Query["settle"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries))
            {
                await paid.SettleAsync(long.Parse(part, CultureInfo.InvariantCulture));
            }

            return $"run {run} of at most {paid.Amount}";
        }).RequireCredits(max: static context => ReadLong(context.Request.Query["max"]));
        app.MapPost("/by-header", (HttpContext context) => context.GetPaidRequest().SettleAsync(4))
            .RequireCredits(max: static context => ReadLong(context.Request.Headers["Max"]));
        app.MapPost("/by-form", static () => "x").RequireCredits(max: static context => ReadLong(context.Request.Form["size"]));
        app.MapPost("/expensive", static () => "x").RequireCredits(1000);
        app.MapPost("/misused", static (HttpContext context, long settle) => ExplainAsync(
            () => context.GetPaidRequest().SettleAsync(settle))).RequireCredits(30);
        app.MapPost("/once", static (HttpContext context, long settle) => context.GetPaidRequest().SettleAsync(settle))
            .RequireIdempotency();
        app.MapPost("/large", LargeAsync).RequireCredits(30);
        app.MapPost("/endless", StreamWithoutEndAsync).RequireCredits(30, static options => options.Streaming = true);
        app.MapPost("/settles-on-start", static (HttpContext context) =>
        {
            var paid = context.GetPaidRequest();
            context.Response.OnStarting(() => paid.SettleAsync(9));
            return context.Response.WriteAsync("part");
        }).RequireCredits(30, static options => options.Streaming = true);
        MapFailures(app);
        MapExplanation(app);
    }

    private static void MapFailures(WebApplication app)
    {
        app.MapPost("/throws", static async Task<string> (HttpContext context) =>
        {
            await context.GetPaidRequest().SettleAsync(7);
            throw new NotSupportedException("on purpose");
        }).RequireCredits(30);
        app.MapPost("/refuses", static async (HttpContext context) =>
        {
            await context.GetPaidRequest().SettleAsync(7);
            return Results.UnprocessableEntity();
        }).RequireCredits(30);
        app.MapPost("/stream-throws", ThrowInStreamAsync).RequireCredits(30, static options => options.Streaming = true);
        app.MapPost("/by-length", static () => "x").RequireCredits(max: static context => context.Request.Body.Length);
        app.MapPost("/rejects/{status:int}", static () => "x").RequireCredits(max: static context => throw new BadHttpRequestException(
            "The parameter 'minutes' must be positive.", (int)ReadLong((string?)context.GetRouteValue("status"))));
        MapStarting(app);
    }

    private static void MapStarting(WebApplication app)
    {
        app.MapPost("/starting-stream", static context => WriteAndSettleAsync(context, length: 4))
            .RequireCredits(30, static options => options.Streaming = true);
        app.MapPost("/starting-buffered", static context => WriteAndSettleAsync(context, length: 4)).RequireCredits(30);
        app.MapPost("/starting-large", static context => WriteAndSettleAsync(context, length: 200_000)).RequireCredits(30);
        app.MapPost("/starting-twice", static context =>
        {
            foreach (var name in new[] { "first", "second" })
            {
                context.Response.OnStarting(() =>
                {
                    context.Response.Headers["Order"] = $"{context.Response.Headers["Order"]} {name}".TrimStart();
                    return context.GetPaidRequest().SettleAsync(5);
                });
            }

            return Task.CompletedTask;
        }).RequireCredits(30);
    }

    private static async Task WriteAndSettleAsync(HttpContext context, int length)
    {
        var paid = context.GetPaidRequest();
        var settle = ReadLong(context.Request.Query["settle"]);
        context.Response.OnStarting(() => paid.SettleAsync(settle));
        await context.Response.WriteAsync(new string('x', length));
        await context.Response.Body.FlushAsync();
    }

    // Middleware returns the message of the exception, because the price function runs before the handler.
    private static void MapExplanation(WebApplication app)
    {
        app.Use(static (context, next) => context.Request.Path.StartsWithSegments("/explains", StringComparison.Ordinal)
            ? WriteExplanationAsync(context, next)
            : next(context));
        app.MapPost("/explains/{max}", static () => "x")
            .RequireCredits(max: static context => ReadLong((string?)context.GetRouteValue("max")));
    }

    private static async Task WriteExplanationAsync(HttpContext context, RequestDelegate next) =>
        await context.Response.WriteAsync(await ExplainAsync(() => next(context)));

    private static async Task<string> ExplainAsync(Func<Task> call)
    {
        try
        {
            await call();
            return "nothing was thrown";
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            return exception.Message.ReplaceLineEndings("\n");
        }
    }

    private static async Task LargeAsync(HttpContext context, long early, long? late)
    {
        await context.GetPaidRequest().SettleAsync(early);
        await context.Response.WriteAsync(new string('x', 200_000));
        await context.GetPaidRequest().SettleAsync(early);
        if (late is { } other)
        {
            await context.Response.WriteAsync(await ExplainAsync(() => context.GetPaidRequest().SettleAsync(other)));
        }
    }

    private static async Task ThrowInStreamAsync(HttpContext context)
    {
        await context.Response.WriteAsync("part");
        await context.Response.Body.FlushAsync();
        await context.GetPaidRequest().SettleAsync(7);
        throw new NotSupportedException("on purpose");
    }

    private static async Task StreamWithoutEndAsync(HttpContext context)
    {
        foreach (var cost in new long[] { 5, 12 })
        {
            await context.GetPaidRequest().SettleAsync(cost);
        }

        await context.Response.WriteAsync("part");
        await context.Response.Body.FlushAsync();
        await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
    }

    private static long ReadLong(string? text) => long.Parse(text!, CultureInfo.InvariantCulture);

    private static HttpRequestMessage CreateRequest(string path, string key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Headers.Add("Idempotency-Key", key);
        return request;
    }

    private async Task<HttpResponseMessage> PayAsync(string path, string key = "key-1", (string Name, string Value)? header = null)
    {
        using var request = CreateRequest(path, key);
        if (header is var (name, value))
        {
            request.Headers.Add(name, value);
        }

        return await _ann.SendAsync(request);
    }

    private async Task<(long Available, long Held)> BalanceAsync()
    {
        var read = await _host.Services.GetRequiredService<ICreditService>().RefreshAsync(UserSession.AsServer(UserId.Create("ann")));
        return (read.Balance!.Available, read.Balance.Held);
    }
}
