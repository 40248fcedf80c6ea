using System.Diagnostics;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Sqlite;

namespace SessionRecovery.Benchmarks;

/// <summary>
/// Measures charges by a single caller on SQLite. The result is compared with a bare transaction with the same settings (WAL, synchronous =
/// FULL).
/// </summary>
internal static class Consuming
{
    private const int Rounds = 9;
    private const int Commands = 200;

    public static async Task<IReadOnlyList<Row>> RunAsync(Scratch scratch)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSessionRecoveryCore<NoTokenVerifier>().UseSqlite($"Data Source={scratch.File("ours.db")}");
        builder.Services.Configure<SqliteStoreOptions>(static options => options.InitialCredits = 1_000_000);
        using var host = builder.Build();
        await host.StartAsync();
        var ledger = host.Services.GetRequiredService<ICreditLedger>();
        var user = UserId.Create(Guid.NewGuid().ToString());
        await ledger.InitializeAsync(user);

        using var bare = new BareLedger(scratch.File("bare.db"), user.Value);
        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            var mine = await PerSecondAsync(async key => Require(await ledger.ConsumeAsync(user, 1, IdempotencyKey.Create(key))));
            var peers = await PerSecondAsync(key =>
            {
                bare.Consume(key);
                return Task.CompletedTask;
            });
            if (round > 0)
            {
                ours.Add(mine);
                theirs.Add(peers);
            }
        }

        await host.StopAsync();
        var (our, their) = (Median(ours), Median(theirs));
        return [new("consume on SQLite, one caller", Row.Text($"{our:0}/s"), Row.Text(
            $"bare BEGIN IMMEDIATE; UPDATE; INSERT; COMMIT: {their:0}/s"), Row.Text($"{our / their:0.00}"), "≥ 0.80", our / their >= 0.8)];
    }

    private static async Task<double> PerSecondAsync(Func<string, Task> consume)
    {
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < Commands; i++)
        {
            await consume(Guid.NewGuid().ToString());
        }

        return Commands / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static void Require(CreditCommandResult outcome)
    {
        if (outcome.Status != CreditCommandStatus.Done)
        {
            throw new InvalidOperationException($"A consume ended as {outcome.Status}.");
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
