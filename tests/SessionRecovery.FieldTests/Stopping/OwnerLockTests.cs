using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.FieldTests.Hosting;
using SessionRecovery.Sessions;

namespace SessionRecovery.FieldTests.Stopping;

/// <summary>Tests that the next process gets the file when the last request of a stopping host has ended.</summary>
[TestFixture]
internal sealed class OwnerLockTests : FieldTest
{
    private static readonly UserId Ann = UserId.Create("ann");

    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SlowService _service = new();
    private Task _stopped = Task.CompletedTask;

    private ICreditLedger Ledger => Host.Services.GetRequiredService<ICreditLedger>();

    [Test]
    public async Task The_file_is_free_when_the_last_request_ended()
    {
        await StartAsync();
        using var client = await Host.SignInAsync("ann");
        var running = client.SendAsync(FieldHost.Paid("/slow", "key-1"));
        await _arrived.Task.WaitAsync(Patience);
        _stopped = Host.StopAsync();

        IsFree().Should().BeFalse("a request is running");
        _goOn.SetResult();
        using var response = await running.WaitAsync(Patience);
        (await response.Content.ReadAsStringAsync()).Should().Be("done");
        await _service.IsStopping.WaitAsync(Patience);

        await EventuallyAsync(() => Task.FromResult(IsFree()));
        _stopped.IsCompleted.Should().BeFalse("the other service is still stopping");
    }

    [Test]
    public async Task A_stopping_service_may_still_spend_until_the_next_process()
    {
        await StartAsync();
        await Ledger.InitializeAsync(Ann);
        _stopped = Host.StopAsync();
        await EventuallyAsync(() => Task.FromResult(IsFree()));

        var own = await Ledger.ConsumeAsync(Ann, 5, IdempotencyKey.Create("own"));
        (own.Status, own.Balance!.Available).Should().Be((CreditCommandStatus.Done, 95));
        await using (var next = await StartNextAsync())
        {
            var busy = await Ledger.ConsumeAsync(Ann, 5, IdempotencyKey.Create("late"));
            busy.Status.Should().Be(CreditCommandStatus.Busy, "nothing was written");
            var ledger = next.Services.GetRequiredService<ICreditLedger>();
            (await ledger.ConsumeAsync(Ann, 10, IdempotencyKey.Create("next"))).Balance!.Available.Should().Be(85);
            var credits = Host.Services.GetRequiredService<ICreditService>();
            (await credits.RefreshAsync(new UserSession(Ann))).Balance!.Available.Should().Be(85, "reads see what was committed");
            (await next.AuditAsync()).Should().BeEmpty();
            await next.StopAsync();
        }

        (await Ledger.ConsumeAsync(Ann, 5, IdempotencyKey.Create("late"))).Balance!.Available.Should().Be(80);
    }

    [Test]
    public async Task A_deleted_file_is_not_created_again_by_a_stopping_service()
    {
        await StartAsync();
        await Ledger.InitializeAsync(Ann);
        _stopped = Host.StopAsync();
        await EventuallyAsync(() => Task.FromResult(IsFree()));
        System.IO.File.Move(File("credits.db"), File("moved.db"));

        (await Ledger.ConsumeAsync(Ann, 5, IdempotencyKey.Create("own"))).Status.Should().Be(CreditCommandStatus.Busy);

        System.IO.File.Exists(File("credits.db")).Should().BeFalse();
        System.IO.File.Move(File("moved.db"), File("credits.db"));
    }

    protected override async Task EndAsync()
    {
        _goOn.TrySetResult();
        _service.Release();
        await _stopped;
    }

    private Task StartAsync() => StartAsync(
        app => app.MapPost("/slow", async () =>
        {
            _arrived.SetResult();
            await _goOn.Task;
            return "done";
        }).RequireCredits(5),
        configure: (builder, _) => builder.Services.AddSingleton<IHostedService>(_service));

    private Task<FieldHost> StartNextAsync() =>
        FieldHost.StartAsync(new DirectoryInfo(Path.GetDirectoryName(File("credits.db"))!), static _ => { });

    private bool IsFree()
    {
        try
        {
            new FileStream(File("credits.db.owner"), FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
