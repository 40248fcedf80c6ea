using System.Net;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.AspNetCore.Credits;
using SessionRecovery.Credits;
using SessionRecovery.FieldTests.Hosting;
using SessionRecovery.Sessions;

namespace SessionRecovery.FieldTests.Money;

/// <summary>Tests when the cancellation token of a paid handler is canceled, and whether the request is then charged.</summary>
[TestFixture]
internal sealed class WorkLifetimeTests : FieldTest
{
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Test]
    public async Task A_stream_ends_when_its_client_leaves_and_is_charged()
    {
        await StartAsync(app => app.MapPost("/events", StreamForEverAsync).RequireCredits(5));
        using var client = await Host.SignInAsync("ann");
        using (var response = await client.SendAsync(FieldHost.Paid("/events", "key-1"), HttpCompletionOption.ResponseHeadersRead))
        {
            await ReadSomeAsync(response);
        }

        await _ended.Task.WaitAsync(Patience);
        await EventuallyAsync(async () => await FieldHost.BalanceAsync(client) == (95, 0));
        using var repeat = await client.SendAsync(FieldHost.Paid("/events", "key-1"));
        repeat.Headers.GetValues("Idempotency-Replayed").Should().Equal("true");
        (await repeat.Content.ReadAsStringAsync()).Should().StartWith("data: 1");
    }

    [Test]
    public async Task A_handler_that_stops_for_its_client_costs_nothing()
    {
        await StartAsync(app => app.MapPost("/slow", async (HttpContext context) =>
        {
            _arrived.SetResult();
            await Task.Delay(Timeout.Infinite, context.GetPaidRequest().ClientDisconnected);
        }).RequireCredits(5));
        using var client = await Host.SignInAsync("ann");

        await LeaveAfterArrivalAsync(client, "/slow");

        await EventuallyAsync(async () => await FieldHost.BalanceAsync(client) == (100, 0));
    }

    [Test]
    public async Task Buffered_work_completes_after_its_client_left()
    {
        var wasCanceled = false;
        await StartAsync(app => app.MapPost("/slow", async (HttpContext context) =>
        {
            _arrived.SetResult();
            await _goOn.Task;
            wasCanceled = context.RequestAborted.IsCancellationRequested;
            return "done";
        }).RequireCredits(5));
        using var client = await Host.SignInAsync("ann");

        await LeaveAfterArrivalAsync(client, "/slow");
        _goOn.SetResult();

        await EventuallyAsync(async () => await FieldHost.BalanceAsync(client) == (95, 0));
        wasCanceled.Should().BeFalse();
        using var repeat = await client.SendAsync(FieldHost.Paid("/slow", "key-1"));
        (await repeat.Content.ReadAsStringAsync()).Should().Be("done");
    }

    [Test]
    public async Task Work_ends_after_its_maximum_time_and_costs_nothing()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await StartAsync(
            app => app.MapPost("/slow", async (HttpContext context) =>
            {
                _arrived.SetResult();
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }).RequireCredits(5),
            configure: (builder, _) =>
            {
                builder.Services.AddSingleton<TimeProvider>(time);
                builder.Services.Configure<PaidRequestOptions>(static options => options.MaxWorkTime = TimeSpan.FromMinutes(1));
            });
        using var client = await Host.SignInAsync("ann");
        var call = client.SendAsync(FieldHost.Paid("/slow", "key-1"));
        await _arrived.Task.WaitAsync(Patience);

        time.Advance(TimeSpan.FromMinutes(1));
        using var response = await call;

        response.StatusCode.Should().Be(HttpStatusCode.GatewayTimeout);
        (await CodeAsync(response)).Should().Be("work_time_exceeded");
        (await FieldHost.BalanceAsync(client)).Should().Be((100, 0));
    }

    [Test]
    public async Task A_request_timeout_of_the_host_ends_the_work_without_charge()
    {
        await StartAsync(
            app => app.MapPost("/slow", async (HttpContext context) => await Task.Delay(Timeout.Infinite, context.RequestAborted))
                .RequireCredits(5).WithRequestTimeout(TimeSpan.FromMilliseconds(200)),
            static app => app.UseRequestTimeouts(),
            static (builder, _) => builder.Services.AddRequestTimeouts());
        using var client = await Host.SignInAsync("ann");

        using var response = await client.SendAsync(FieldHost.Paid("/slow", "key-1")).WaitAsync(Patience);

        response.StatusCode.Should().Be(HttpStatusCode.GatewayTimeout);
        (await FieldHost.BalanceAsync(client)).Should().Be((100, 0));
    }

    [Test]
    public async Task A_paid_response_is_sent_after_the_hosts_timeout()
    {
        await StartAsync(
            app => app.MapPost("/late", async (HttpContext context) =>
            {
                var timedOut = new TaskCompletionSource();
                await using var registration = context.RequestAborted.Register(timedOut.SetResult);
                await timedOut.Task;
                return "done late";
            }).RequireCredits(5).WithRequestTimeout(TimeSpan.FromMilliseconds(200)),
            static app => app.UseRequestTimeouts(),
            static (builder, _) => builder.Services.AddRequestTimeouts());
        using var client = await Host.SignInAsync("ann");

        using var response = await client.SendAsync(FieldHost.Paid("/late", "key-1")).WaitAsync(Patience);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync()).Should().Be("done late");
        (await FieldHost.BalanceAsync(client)).Should().Be((95, 0));
    }

    [Test]
    public async Task Work_without_a_client_ends_when_the_host_stops()
    {
        await StartAsync(
            app => app.MapPost("/slow", async (HttpContext context) =>
            {
                _arrived.SetResult();
                try
                {
                    await Task.Delay(Timeout.Infinite, context.RequestAborted);
                }
                finally
                {
                    _ended.SetResult();
                }
            }).RequireCredits(5),
            configure: static (builder, _) =>
                builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = TimeSpan.FromMinutes(5)));
        using var client = await Host.SignInAsync("ann");
        await LeaveAfterArrivalAsync(client, "/slow");

        Host.BeginStop();

        await _ended.Task.WaitAsync(Patience);
        var ledger = Host.Services.GetRequiredService<ICreditLedger>();
        await EventuallyAsync(async () =>
            (await ledger.InitializeAsync(UserId.Create("ann"))).Balance is { Available: 100, Held: 0 });
    }

    [Test]
    public async Task A_stopping_host_finishes_paid_requests_and_takes_no_new_ones()
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await StartAsync(
            app =>
            {
                app.MapPost("/slow", async () =>
                {
                    _arrived.SetResult();
                    await _goOn.Task;
                    return "done";
                }).RequireCredits(5);
                app.MapPost("/new", () => "new").RequireCredits(5);
            },
            app => app.Use(async (context, next) =>
            {
                // This middleware holds a request until the host stops.
                if (context.Request.Path == "/new")
                {
                    held.SetResult();
                    await StoppingAsync(app.Lifetime.ApplicationStopping);
                }

                await next(context);
            }));
        using var client = await Host.SignInAsync("ann");
        var running = client.SendAsync(FieldHost.Paid("/slow", "key-1"));
        var refused = client.SendAsync(FieldHost.Paid("/new", "key-2"));
        await Task.WhenAll(_arrived.Task, held.Task).WaitAsync(Patience);

        Host.BeginStop();
        using var refusal = await refused.WaitAsync(Patience);
        _goOn.SetResult();
        using var response = await running.WaitAsync(Patience);

        refusal.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        refusal.Headers.RetryAfter.Should().NotBeNull();
        (await CodeAsync(refusal)).Should().Be("stopping");
        (await response.Content.ReadAsStringAsync()).Should().Be("done");
    }

    private static async Task StoppingAsync(CancellationToken stopping)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = stopping.Register(stopped.SetResult);
        await stopped.Task;
    }

    private async Task LeaveAfterArrivalAsync(HttpClient client, string path)
    {
        using var leave = new CancellationTokenSource();
        var call = client.SendAsync(FieldHost.Paid(path, "key-1"), leave.Token);
        await _arrived.Task.WaitAsync(Patience);
        await leave.CancelAsync();
        await FluentActions.Awaiting(() => call).Should().ThrowAsync<OperationCanceledException>();
    }

    private async Task StreamForEverAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        try
        {
            for (var number = 1; ; number++)
            {
                await context.Response.WriteAsync($"data: {number}\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(TimeSpan.FromMilliseconds(20), context.RequestAborted);
            }
        }
        finally
        {
            _ended.SetResult();
        }
    }

    private static async Task ReadSomeAsync(HttpResponseMessage response)
    {
        await using var stream = await response.Content.ReadAsStreamAsync();
        (await stream.ReadAsync(new byte[100])).Should().BePositive();
    }
}
