using System.IO.Pipelines;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.AspNetCore.Credits;
using SessionRecovery.FieldTests.Hosting;

namespace SessionRecovery.FieldTests.Money;

/// <summary>
/// Tests each way in which ASP.NET Core can stream a response. The first bytes must arrive while the handler runs, and the credits must be
/// captured when the handler completes.
/// </summary>
[TestFixture]
internal sealed class StreamTests : FieldTest
{
    private static readonly string[] Ways =
    [
        "body-flush", "body-write", "body-writer", "start-writer", "async-enumerable", "async-enumerable-result", "result-stream",
        "result-callback", "result-pipe", "upstream", "ndjson", "server-sent-events", "disable-buffering", "declared", "mvc",
    ];

    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _runs;

    [TestCaseSource(nameof(Ways))]
    public async Task The_first_bytes_arrive_before_the_last(string way)
    {
        await StartAsync(Map, configure: (builder, _) => builder.Services.AddSingleton(new StreamGate(_goOn.Task))
            .AddControllers().AddApplicationPart(typeof(StreamController).Assembly));
        using var client = await Host.SignInAsync("ann");
        using var response = await client.SendAsync(FieldHost.Paid($"/{way}", "key-1"), HttpCompletionOption.ResponseHeadersRead)
            .WaitAsync(Patience);
        await using var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[1000];
        var count = await stream.ReadAsync(buffer).AsTask().WaitAsync(Patience);

        Encoding.UTF8.GetString(buffer, 0, count).Should().Contain("first").And.NotContain("last");
        (await FieldHost.BalanceAsync(client)).Should().Be((95, 5), "the credits are reserved while the handler runs");
        _goOn.SetResult();
        using var rest = new StreamReader(stream);
        (await rest.ReadToEndAsync()).Should().Contain("last");
        await EventuallyAsync(async () => await FieldHost.BalanceAsync(client) == (95, 0));

        using var repeat = await client.SendAsync(FieldHost.Paid($"/{way}", "key-1"));
        repeat.Headers.GetValues("Idempotency-Replayed").Should().Equal("true");
        (await repeat.Content.ReadAsStringAsync()).Should().Contain("first").And.Contain("last");
        repeat.Content.Headers.ContentType.Should().Be(response.Content.Headers.ContentType);
        (await FieldHost.BalanceAsync(client)).Should().Be((95, 0));
    }

    [Test]
    public async Task A_stream_that_breaks_costs_nothing_and_runs_again()
    {
        await StartAsync(app => app.MapPost("/broken", async (HttpContext context) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: 1\n\n");
            await context.Response.Body.FlushAsync();
            if (Interlocked.Increment(ref _runs) == 1)
            {
                throw new IOException("The upstream broke.");
            }
        }).RequireCredits(5));
        using var client = await Host.SignInAsync("ann");

        await FluentActions.Awaiting(() => client.SendAsync(FieldHost.Paid("/broken", "key-1")))
            .Should().ThrowAsync<HttpRequestException>();
        await EventuallyAsync(async () => await FieldHost.BalanceAsync(client) == (100, 0));
        using var repeat = await client.SendAsync(FieldHost.Paid("/broken", "key-1"));

        (await repeat.Content.ReadAsStringAsync()).Should().Be("data: 1\n\n");
        (await FieldHost.BalanceAsync(client)).Should().Be((95, 0));
    }

    [Test]
    public async Task A_json_response_that_the_framework_flushes_stays_buffered()
    {
        await StartAsync(app => app.MapPost("/json", (HttpContext context) =>
        {
            // Serializing the last item of this list fails, after ASP.NET Core has flushed the response several times.
            var items = Enumerable.Range(0, 2000).Select(
                static number => number < 1999 ? new { number } : throw new IOException("Broken."));
            return TypedResults.Json(items);
        }).RequireCredits(5));
        using var client = await Host.SignInAsync("ann");

        using var response = await client.SendAsync(FieldHost.Paid("/json", "key-1"));

        response.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
        (await FieldHost.BalanceAsync(client)).Should().Be((100, 0));
    }

    [TestCase(64 * 1024, false)]
    [TestCase(1024 * 1024, true)]
    public async Task A_stream_is_stored_up_to_the_limit(int maxStored, bool isStored)
    {
        await StartAsync(
            app => app.MapPost("/long", async (HttpContext context) =>
            {
                context.Response.ContentType = "application/x-ndjson";
                for (var line = 0; line < 100; line++)
                {
                    await context.Response.WriteAsync(new string('x', 999) + "\n");
                }
            }).RequireCredits(5),
            configure: (builder, _) =>
                builder.Services.Configure<PaidRequestOptions>(options => options.MaxStoredResponse = maxStored));
        using var client = await Host.SignInAsync("ann");

        using var first = await client.SendAsync(FieldHost.Paid("/long", "key-1"));
        using var repeat = await client.SendAsync(FieldHost.Paid("/long", "key-1"));

        (await first.Content.ReadAsStringAsync()).Should().HaveLength(100_000);
        var repeated = await repeat.Content.ReadAsStringAsync();
        (isStored ? repeated.Length == 100_000 : repeated.Contains("already_completed", StringComparison.Ordinal)).Should().BeTrue();
        (await FieldHost.BalanceAsync(client)).Should().Be((95, 0));
    }

    private void Map(WebApplication app)
    {
        app.MapControllers().RequireCredits(5);
        app.MapPost("/body-flush", async (HttpContext context) =>
        {
            await context.Response.Body.WriteAsync("first"u8.ToArray());
            await context.Response.Body.FlushAsync();
            await _goOn.Task;
            await context.Response.Body.WriteAsync("last"u8.ToArray());
        }).RequireCredits(5);
        app.MapPost("/body-write", async (HttpContext context) =>
        {
            await context.Response.Body.WriteAsync("first"u8.ToArray());
            await _goOn.Task;
            await context.Response.Body.WriteAsync("last"u8.ToArray());
        }).RequireCredits(5);
        app.MapPost("/body-writer", async (HttpContext context) =>
        {
            await context.Response.BodyWriter.WriteAsync("first"u8.ToArray());
            await _goOn.Task;
            await context.Response.BodyWriter.WriteAsync("last"u8.ToArray());
        }).RequireCredits(5);
        app.MapPost("/start-writer", async (HttpContext context) =>
        {
            await context.Response.StartAsync();
            await using var writer = new StreamWriter(context.Response.Body);
            await writer.WriteAsync("first");
            await writer.FlushAsync();
            await _goOn.Task;
            await writer.WriteAsync("last");
        }).RequireCredits(5);
        app.MapPost("/async-enumerable", () => ItemsAsync(_goOn.Task)).RequireCredits(5);
        app.MapPost("/async-enumerable-result", () => Results.Ok(ItemsAsync(_goOn.Task))).RequireCredits(5);
        app.MapPost("/result-stream", () => Results.Stream(Upstream(_goOn.Task), "text/plain")).RequireCredits(5);
        app.MapPost("/result-callback", () => Results.Stream(async body =>
        {
            await body.WriteAsync("first"u8.ToArray());
            await _goOn.Task;
            await body.WriteAsync("last"u8.ToArray());
        })).RequireCredits(5);
        app.MapPost("/result-pipe", () => Results.Stream(PipeReader.Create(Upstream(_goOn.Task)), "text/plain")).RequireCredits(5);
        app.MapPost("/upstream", async (HttpContext context) =>
        {
            context.Response.ContentType = "audio/wav";
            await using var upstream = Upstream(_goOn.Task);
            await upstream.CopyToAsync(context.Response.Body);
        }).RequireCredits(5);
        app.MapPost("/ndjson", async (HttpContext context) =>
        {
            context.Response.ContentType = "application/x-ndjson";
            await context.Response.WriteAsync("\"first\"\n");
            await _goOn.Task;
            await context.Response.WriteAsync("\"last\"\n");
        }).RequireCredits(5);
        app.MapPost("/server-sent-events", () => TypedResults.ServerSentEvents(ItemsAsync(_goOn.Task))).RequireCredits(5);
        app.MapPost("/disable-buffering", async (HttpContext context) =>
        {
            context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
            await context.Response.WriteAsync("first");
            await _goOn.Task;
            await context.Response.WriteAsync("last");
        }).RequireCredits(5);
        app.MapPost("/declared", async (HttpContext context) =>
        {
            await context.Response.WriteAsync("first");
            await _goOn.Task;
            await context.Response.WriteAsync("last");
        }).RequireCredits(5, static options => options.Streaming = true);
    }

    private static async IAsyncEnumerable<string> ItemsAsync(
        Task goOn, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        yield return "first";
        await goOn.WaitAsync(cancellationToken);
        yield return "last";
    }

    private static Stream Upstream(Task goOn)
    {
        var pipe = new Pipe();
        _ = WriteAsync();
        return pipe.Reader.AsStream();

        async Task WriteAsync()
        {
            await pipe.Writer.WriteAsync("first"u8.ToArray());
            await goOn;
            await pipe.Writer.WriteAsync("last"u8.ToArray());
            await pipe.Writer.CompleteAsync();
        }
    }
}
