using System.Net;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NUnit.Framework;
using SessionRecovery.FieldTests.Hosting;

namespace SessionRecovery.FieldTests.Stopping;

/// <summary>Tests the responses of a host that has begun to stop.</summary>
[TestFixture]
internal sealed class StoppingTests : FieldTest
{
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HeldStop _stop = new();
    private Task _stopped = Task.CompletedTask;

    protected override async Task EndAsync()
    {
        _stop.Release();
        _goOn.TrySetResult();
        await _stopped;
    }

    [Test]
    public async Task Readiness_fails_while_a_stopping_host_finishes_its_requests()
    {
        await StartAsync();
        using var client = await Host.SignInAsync("ann");
        using var prober = Host.Anonymous();
        await EventuallyAsync(async () => await StatusAsync(prober, "/health/ready") == HttpStatusCode.OK);
        var running = client.SendAsync(FieldHost.Paid("/slow", "key-1"));
        await _arrived.Task.WaitAsync(Patience);

        BeginStop();

        (await StatusAsync(prober, "/health/ready")).Should().Be(HttpStatusCode.ServiceUnavailable);
        (await StatusAsync(prober, "/health/live")).Should().Be(HttpStatusCode.OK, "the process is not to be killed");
        _goOn.SetResult();
        using var response = await running.WaitAsync(Patience);
        (await response.Content.ReadAsStringAsync()).Should().Be("done");
        (await FieldHost.BalanceAsync(client)).Should().Be((95, 0));
    }

    [TestCase("/new")]
    [TestCase("/once")]
    public async Task A_new_request_of_a_stopping_host_reserves_nothing(string path)
    {
        await StartAsync();
        using var client = await Host.SignInAsync("ann");

        BeginStop();
        using var response = await client.SendAsync(FieldHost.Paid(path, "key-1"));

        (response.StatusCode, await CodeAsync(response)).Should().Be((HttpStatusCode.ServiceUnavailable, "stopping"));
        response.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(1));
        CountReservations().Should().Be(0);
    }

    // The order is the same as after SIGTERM. The lifetime first reports the stop, and then the host stops its services.
    private void BeginStop()
    {
        Host.BeginStop();
        _stopped = Host.StopAsync();
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(path);
        return response.StatusCode;
    }

    private Task StartAsync() => StartAsync(
        app =>
        {
            app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = static check => check.Tags.Contains("ready") });
            app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = static check => !check.Tags.Contains("ready") });
            app.MapPost("/new", static () => "new").RequireCredits(5);
            app.MapPost("/once", static () => "once").RequireIdempotency();
            app.MapPost("/slow", async () =>
            {
                _arrived.SetResult();
                await _goOn.Task;
                return "done";
            }).RequireCredits(5);
        },
        configure: (builder, _) => builder.Services.AddSingleton<IHostedService>(_stop));

    private long CountReservations()
    {
        using var connection = new SqliteConnection($"Data Source={File("credits.db")};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "select count(*) from credit_reservations";
        return (long)command.ExecuteScalar()!;
    }
}
