using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using SessionRecovery.AspNetCore.Hosting.Internal;

namespace SessionRecovery.AspNetCore.Tests.Hosting;

[TestFixture]
internal sealed class RequestDrainTests
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);

    [Test]
    public async Task A_running_request_keeps_the_drain_waiting()
    {
        var time = new FakeTimeProvider();
        await using var app = WebApplication.CreateSlimBuilder().Build();
        var drain = new RequestDrain(app.Services, time);
        drain.Begin();
        var drained = drain.WaitAsync(CancellationToken.None).AsTask();

        time.Advance(Quiet);
        drained.IsCompleted.Should().BeFalse();
        drain.End();

        (await AdvanceUntilAsync(time, drained)).Should().BeTrue();
    }

    [Test]
    public async Task A_server_that_is_not_stopped_first_is_not_drained_early()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateDefaultBuilder();
        builder.ConfigureWebHost(static web => web.UseKestrel().UseUrls("http://127.0.0.1:0").Configure(static _ => { }));
        builder.ConfigureServices(static services => services.AddHostedService<LaterService>());
        using var host = builder.Build();

        (await new RequestDrain(host.Services, new FakeTimeProvider()).WaitAsync(CancellationToken.None)).Should().BeFalse();
    }

    [Test]
    public async Task Services_that_stop_concurrently_are_not_drained_early()
    {
        var time = new FakeTimeProvider();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.Configure<HostOptions>(static options => options.ServicesStopConcurrently = true);
        await using var app = builder.Build();

        var drained = new RequestDrain(app.Services, time).WaitAsync(CancellationToken.None).AsTask();

        (await AdvanceUntilAsync(time, drained)).Should().BeFalse();
    }

    private static async Task<bool> AdvanceUntilAsync(FakeTimeProvider time, Task<bool> drained)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!drained.IsCompleted)
        {
            patience.Token.ThrowIfCancellationRequested();
            time.Advance(Quiet);
            await Task.Yield();
        }

        return await drained;
    }

    private sealed class LaterService : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
