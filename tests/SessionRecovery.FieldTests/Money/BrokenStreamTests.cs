using System.IO.Compression;
using System.IO.Pipelines;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.FieldTests.Hosting;

namespace SessionRecovery.FieldTests.Money;

/// <summary>Tests which streams are charged. A stream that the client ends is charged, and a stream that the server ends is not.</summary>
[TestFixture]
internal sealed class BrokenStreamTests : FieldTest
{
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [TestCase("result")]
    [TestCase("abort")]
    [TestCase("throw")]
    [TestCase("complete")]
    public async Task A_client_that_leaves_a_stream_pays_however_the_handler_ends(string way)
    {
        await StartAsync(app =>
        {
            app.MapPost("/result", () => Results.Stream(Upstream(), "text/plain")).RequireCredits(5);
            app.MapPost("/{way}", async (HttpContext context) =>
            {
                await context.Response.WriteAsync("first");
                await UntilCanceledAsync(context.RequestAborted);
                switch (way)
                {
                    case "abort":
                        context.Abort();
                        break;
                    case "throw":
                        throw new IOException("The client left.");
                }
            }).RequireCredits(5);
        });
        using var client = await Host.SignInAsync("ann");
        using (var response = await client.SendAsync(FieldHost.Paid($"/{way}", "key-1"), HttpCompletionOption.ResponseHeadersRead))
        {
            await ReadFirstAsync(response);
        }

        await EventuallyAsync(async () => await FieldHost.BalanceAsync(client) == (95, 0));
    }

    [Test]
    public async Task A_client_that_left_before_the_first_byte_gets_the_whole_stream_later()
    {
        await StartAsync(app => app.MapPost("/late", async (HttpContext context) =>
        {
            var disconnected = context.GetPaidRequest().ClientDisconnected;
            _arrived.SetResult();
            await UntilCanceledAsync(disconnected);
            context.Response.ContentType = "text/event-stream";
            for (var piece = 1; piece <= 2; piece++)
            {
                await context.Response.WriteAsync($"data: {piece}\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }).RequireCredits(5));
        using var client = await Host.SignInAsync("ann");
        using var leave = new CancellationTokenSource();
        var call = client.SendAsync(FieldHost.Paid("/late", "key-1"), leave.Token);
        await _arrived.Task.WaitAsync(Patience);
        await leave.CancelAsync();
        await FluentActions.Awaiting(() => call).Should().ThrowAsync<OperationCanceledException>();

        await EventuallyAsync(async () => await FieldHost.BalanceAsync(client) == (95, 0));
        using var repeat = await client.SendAsync(FieldHost.Paid("/late", "key-1"));
        (await repeat.Content.ReadAsStringAsync()).Should().Be("data: 1\n\ndata: 2\n\n");
    }

    [TestCase("/empty")]
    [TestCase("/started")]
    public async Task A_json_stream_that_the_host_cancels_costs_nothing(string path)
    {
        await StartWithTimeoutAsync(app =>
        {
            app.MapPost("/empty", () => ItemsAsync(0)).RequireCredits(5).WithRequestTimeout(TimeSpan.FromMilliseconds(300));
            app.MapPost("/started", () => ItemsAsync(1)).RequireCredits(5).WithRequestTimeout(TimeSpan.FromMilliseconds(300));
        });
        using var client = await Host.SignInAsync("ann");

        var call = async () =>
        {
            using var response = await client.SendAsync(FieldHost.Paid(path, "key-1")).WaitAsync(Patience);
            response.StatusCode.Should().Be(HttpStatusCode.GatewayTimeout);
        };
        if (path == "/empty")
        {
            await call();
        }
        else
        {
            await call.Should().ThrowAsync<HttpRequestException>("a broken document must not look complete");
        }

        await EventuallyAsync(async () => await FieldHost.BalanceAsync(client) == (100, 0));
    }

    [Test]
    public async Task A_stream_that_the_host_cancels_between_two_writes_costs_nothing()
    {
        await StartWithTimeoutAsync(app => app.MapPost("/events", async (HttpContext context) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: 1\n\n", context.RequestAborted);
            await UntilCanceledAsync(context.RequestAborted);
            await context.Response.WriteAsync("data: 2\n\n", context.RequestAborted);
        }).RequireCredits(5).WithRequestTimeout(TimeSpan.FromMilliseconds(300)));
        using var client = await Host.SignInAsync("ann");

        await FluentActions.Awaiting(() => client.SendAsync(FieldHost.Paid("/events", "key-1")))
            .Should().ThrowAsync<HttpRequestException>();

        await EventuallyAsync(async () => await FieldHost.BalanceAsync(client) == (100, 0));
    }

    [Test]
    public async Task A_stream_of_lines_that_ends_itself_at_the_timeout_is_charged()
    {
        await StartWithTimeoutAsync(app => app.MapPost("/lines", async (HttpContext context) =>
        {
            context.Response.ContentType = "application/x-ndjson";
            await context.Response.WriteAsync("{\"line\":1}\n");
            await context.Response.WriteAsync("{\"line\":2}\n");
            await UntilCanceledAsync(context.RequestAborted);
        }).RequireCredits(5).WithRequestTimeout(TimeSpan.FromMilliseconds(300)));
        using var client = await Host.SignInAsync("ann");

        using var response = await client.SendAsync(FieldHost.Paid("/lines", "key-1"));

        (await response.Content.ReadAsStringAsync()).Should().Be("{\"line\":1}\n{\"line\":2}\n");
        await EventuallyAsync(async () => await FieldHost.BalanceAsync(client) == (95, 0));
    }

    [Test]
    public async Task Work_that_ignores_the_hosts_timeout_is_delivered_whole()
    {
        await StartWithTimeoutAsync(app => app.MapPost("/stubborn", async (HttpContext context) =>
        {
            await UntilCanceledAsync(context.RequestAborted);
            await context.Response.WriteAsync("first ", CancellationToken.None);
            await Task.Delay(TimeSpan.FromMilliseconds(300));
            await context.Response.WriteAsync("last", CancellationToken.None);
        }).RequireCredits(5).WithRequestTimeout(TimeSpan.FromMilliseconds(100)));
        using var client = await Host.SignInAsync("ann");

        using var response = await client.SendAsync(FieldHost.Paid("/stubborn", "key-1"));

        (await response.Content.ReadAsStringAsync()).Should().Be("first last");
        await EventuallyAsync(async () => await FieldHost.BalanceAsync(client) == (95, 0));
    }

    [TestCase("0", 95)]
    [TestCase("13", 100)]
    [TestCase("deadline", 95)]
    public async Task A_grpc_call_is_charged_by_its_status(string status, long credits)
    {
        await StartAsync(
            app => app.MapPost("/grpc", async (HttpContext context) =>
            {
                context.Response.ContentType = "application/grpc";
                await context.Response.Body.WriteAsync("message"u8.ToArray());
                await context.Response.Body.FlushAsync();
                if (status == "deadline")
                {
                    // Simulates a gRPC server that resets the call at the deadline that the client has set.
                    context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(8);
                    return;
                }

                context.Response.AppendTrailer("grpc-status", status);
            }).RequireCredits(5),
            protocols: HttpProtocols.Http2);
        using var client = await Host.SignInAsync("ann", HttpVersion.Version20);
        using var request = FieldHost.Paid("/grpc", "key-1");
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;

        try
        {
            using var response = await client.SendAsync(request);
        }
        catch (HttpRequestException)
        {
            // The client throws an exception, because the server resets the failed call.
        }

        await EventuallyAsync(async () => await FieldHost.BalanceAsync(client) == (credits, 0));
    }

    [Test]
    public async Task A_compressed_stream_is_replayed_readable()
    {
        await StartAsync(
            app => app.MapPost("/items", () => ItemsAsync(2, isEndless: false)).RequireCredits(5),
            static app => app.UseResponseCompression(),
            static (builder, _) => builder.Services.AddResponseCompression(static options => options.EnableForHttps = true));
        using var client = await Host.SignInAsync("ann");

        var first = await TextAsync();
        var repeat = await TextAsync();

        first.Should().Be("[\"item 1\",\"item 2\"]");
        repeat.Should().Be(first);

        async Task<string> TextAsync()
        {
            using var request = FieldHost.Paid("/items", "key-1");
            request.Headers.AcceptEncoding.Add(new("gzip"));
            using var response = await client.SendAsync(request);
            var body = await response.Content.ReadAsStreamAsync();
            await using var decoded = response.Content.Headers.ContentEncoding.Contains("gzip")
                ? new GZipStream(body, CompressionMode.Decompress)
                : body;
            using var reader = new StreamReader(decoded);
            return await reader.ReadToEndAsync();
        }
    }

    private Task StartWithTimeoutAsync(Action<WebApplication> map) => StartAsync(
        map,
        static app => app.UseRequestTimeouts(),
        static (builder, _) => builder.Services.AddRequestTimeouts());

    private static async Task UntilCanceledAsync(CancellationToken cancellationToken)
    {
        var canceled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = cancellationToken.Register(canceled.SetResult);
        await canceled.Task.WaitAsync(Patience, CancellationToken.None);
    }

    private static async IAsyncEnumerable<string> ItemsAsync(
        int count, bool isEndless = true, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var item = 1; item <= count; item++)
        {
            yield return $"item {item}";
            await Task.Delay(TimeSpan.FromMilliseconds(150), cancellationToken);
        }

        if (isEndless)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }

    private Stream Upstream()
    {
        var pipe = new Pipe();
        _ = WriteAsync();
        return pipe.Reader.AsStream();

        async Task WriteAsync()
        {
            await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes("first"));
            await _goOn.Task;
        }
    }

    private static async Task ReadFirstAsync(HttpResponseMessage response)
    {
        await using var stream = await response.Content.ReadAsStreamAsync();
        (await stream.ReadAsync(new byte[100])).Should().BePositive();
    }
}
