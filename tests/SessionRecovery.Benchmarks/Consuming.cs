using System.Diagnostics;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Sqlite;

namespace SessionRecovery.Benchmarks;

/// <summary>
/// Measures charges by one caller and by 64 concurrent callers on SQLite. The results are compared with bare transactions with the same
/// settings (WAL, synchronous = FULL), of one row each and of 64 rows each.
/// </summary>
internal static class Consuming
{
    // The runtime compiles frequently called methods again in the background while the first rounds run.
    private const int WarmUpRounds = 6;
    private const int Rounds = 21;
    private const int Callers = 64;
    private const int AloneCommands = 400;
    private const int CommandsPerCaller = 50;

    private static readonly string[] Users = [.. Enumerable.Range(0, Callers).Select(static _ => Guid.NewGuid().ToString())];

    public static async Task<IReadOnlyList<Row>> RunAsync(Scratch scratch)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSessionRecoveryCore<NoTokenVerifier>().UseSqlite($"Data Source={scratch.File("ours.db")}");
        builder.Services.Configure<SqliteStoreOptions>(static options => options.InitialCredits = 1_000_000);
        using var host = builder.Build();
        await host.StartAsync();
        var ledger = host.Services.GetRequiredService<ICreditLedger>();
        foreach (var user in Users)
        {
            await ledger.InitializeAsync(UserId.Create(user));
        }

        using var bare = new BareLedger(scratch.File("bare.db"), Users);
        var (alone, bareAlone, together, bareTogether) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < WarmUpRounds + Rounds; round++)
        {
            var results = new[]
            {
                await PerSecondAsync(AloneCommands, () => ConsumeAsync(ledger, Users[0], AloneCommands)),
                await PerSecondAsync(AloneCommands, () => Repeat(() => bare.Consume(Users[0]), AloneCommands)),
                await PerSecondAsync(Callers * CommandsPerCaller, () => Task.WhenAll(Users.Select(
                    user => Task.Run(() => ConsumeAsync(ledger, user, CommandsPerCaller))))),
                await PerSecondAsync(Callers * CommandsPerCaller, () => Repeat(() => bare.Consume(Users), CommandsPerCaller)),
            };
            if (round >= WarmUpRounds)
            {
                alone.Add(results[0]);
                bareAlone.Add(results[1]);
                together.Add(results[2]);
                bareTogether.Add(results[3]);
            }
        }

        await host.StopAsync();
        return
        [
            Compare("consume on SQLite, one caller", alone, "bare BEGIN IMMEDIATE; UPDATE; INSERT; COMMIT", bareAlone, 0.8),
            Compare("consume on SQLite, 64 callers", together, "bare transactions of 64 such rows", bareTogether, 0.7),
            Compare("consume on SQLite, 64 callers", together, "bare transactions of one such row", bareAlone, 5),
        ];
    }

    private static Row Compare(string what, List<double> ours, string peer, List<double> theirs, double target)
    {
        var (our, their) = (Median(ours), Median(theirs));
        return new(what, Row.Text($"{our:0}/s"), Row.Text($"{peer}: {their:0}/s"), Row.Text($"{our / their:0.00}"),
            Row.Text($"≥ {target:0.0}"), our / their >= target);
    }

    private static async Task<double> PerSecondAsync(int commands, Func<Task> run)
    {
        var started = Stopwatch.GetTimestamp();
        await run();
        return commands / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task ConsumeAsync(ICreditLedger ledger, string user, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var outcome = await ledger.ConsumeAsync(UserId.Create(user), 1, IdempotencyKey.Create(Guid.NewGuid().ToString()));
            if (outcome.Status != CreditCommandStatus.Done)
            {
                throw new InvalidOperationException($"A consume ended as {outcome.Status}.");
            }
        }
    }

    private static Task Repeat(Action action, int count)
    {
        for (var i = 0; i < count; i++)
        {
            action();
        }

        return Task.CompletedTask;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
