using System.Diagnostics;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NUnit.Framework;
using SessionRecovery.Credits;
using SessionRecovery.DependencyInjection;
using SessionRecovery.Sessions;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>Tests the owner lock on the database file when one process stops and the next one starts.</summary>
[TestFixture]
public sealed class HandOverTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void Create_the_folder() => _folder = new TemporaryFolder();

    [TearDown]
    public void Remove_the_folder() => _folder.Dispose();

    [TestCase(30, 35)]
    [TestCase(90, 95)]
    [TestCase(1200, 1205)]
    [TestCase(0, 5)]
    public void A_start_waits_five_seconds_longer_than_a_stopping_host_drains(int drain, int wait) =>
        Options(host => host.ShutdownTimeout = TimeSpan.FromSeconds(drain)).OwnerLockTimeout.Should().Be(TimeSpan.FromSeconds(wait));

    [Test]
    public void A_host_that_drains_without_limit_is_waited_for_a_day() =>
        Options(host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan).OwnerLockTimeout.Should().Be(TimeSpan.FromDays(1));

    [Test]
    public void An_explicit_timeout_wins_in_code_and_in_configuration()
    {
        Options(host => host.ShutdownTimeout = TimeSpan.FromMinutes(2), store => store.OwnerLockTimeout = TimeSpan.FromSeconds(3))
            .OwnerLockTimeout.Should().Be(TimeSpan.FromSeconds(3));
        Options(host => host.ShutdownTimeout = TimeSpan.FromMinutes(2), configured: "00:00:04")
            .OwnerLockTimeout.Should().Be(TimeSpan.FromSeconds(4));
    }

    [Test]
    public async Task The_next_start_goes_on_when_the_last_request_of_a_stopping_host_ended()
    {
        var entered = new TaskCompletionSource();
        var leave = new TaskCompletionSource();
        var waits = new CollectedLogs();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        new SessionRecoveryBuilder(builder.Services).UseSqlite(_folder.ConnectionString);
        await using var host = builder.Build();
        host.MapGet("/work", async (ICreditStore store) =>
        {
            var user = UserId.Create("ada");
            await store.ApplyAsync(new CreditCommand.Initialize(user), CancellationToken.None);
            entered.SetResult();
            await leave.Task;
            var consume = new CreditCommand.Consume(user, 1, IdempotencyKey.Create("k"));
            return (await store.ApplyAsync(consume, CancellationToken.None)).Status.ToString();
        });
        await host.StartAsync();
        using var client = new HttpClient();
        var work = client.GetStringAsync(new Uri(host.Urls.Single() + "/work"));
        await entered.Task;
        var stop = host.StopAsync();

        var next = StartedStore.StartAsync(_folder.ConnectionString, logs: waits);

        waits.Entries.Should().ContainSingle(entry => entry.Event == "SqliteWaitingForOwner");
        next.IsCompleted.Should().BeFalse();
        leave.SetResult();
        (await work).Should().Be("Done", "the store is open until the last request has ended");
        await using var store = await next.WaitAsync(TimeSpan.FromSeconds(20));
        await stop;
        (await store.Credits.ReadAsync(new UserSession(UserId.Create("ada")), CancellationToken.None)).Balance!.Available.Should().Be(99);
    }

    [TestCase("1")]
    [TestCase("true")]
    [Platform(Exclude = "Win", Reason = "Windows always locks files.")]
    public async Task A_process_without_file_locks_does_not_start(string value)
    {
        (await OpenInAnotherProcess(value)).Should().Match(
            "The credit database '*credits.db' cannot be protected from a second process because file locking is disabled *; "
            + "remove the setting DOTNET_SYSTEM_IO_DISABLEFILELOCKING *.");
        File.Exists(_folder.Database).Should().BeFalse();

        (await OpenInAnotherProcess("0")).Should().Be("opened");
    }

    private async Task<string> OpenInAnotherProcess(string disableFileLocking)
    {
        var start = new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            ["exec", typeof(HandOverTests).Assembly.Location, _folder.ConnectionString]) { RedirectStandardOutput = true };
        start.Environment["DOTNET_SYSTEM_IO_DISABLEFILELOCKING"] = disableFileLocking;
        using var process = Process.Start(start)!;
        var line = (await process.StandardOutput.ReadToEndAsync()).Trim();
        await process.WaitForExitAsync();
        return line;
    }

    private SqliteStoreOptions Options(
        Action<HostOptions> configureHost, Action<SqliteStoreOptions>? configure = null, string? configured = null)
    {
        var services = new ServiceCollection();
        if (configure is not null)
        {
            // The options are configured before UseSqlite is called, because the order of these calls must not matter.
            services.Configure(configure);
        }

        services.Configure(configureHost);
        var settings = new Dictionary<string, string?> { ["SessionRecovery:Sqlite:OwnerLockTimeout"] = configured };
        services.AddSingleton<IConfiguration>(
            new ConfigurationBuilder().AddInMemoryCollection(configured is null ? [] : settings).Build());
        new SessionRecoveryBuilder(services).UseSqlite(_folder.ConnectionString);
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<SqliteStoreOptions>>().Value;
    }
}
