using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Sqlite;
using SessionRecovery.Warming;

namespace SessionRecovery.Benchmarks;

/// <summary>
/// Compares a SQLite store of 1,000,000 users with a store of 1,000 users. The benchmark measures charges of random users, and the warm-up
/// of the 50 users who were active last.
/// </summary>
internal static class ManyUsers
{
    private const int Rounds = 9;
    private const int Many = 1_000_000;
    private const int Few = 1_000;
    private const int Callers = 64;
    private const int AloneCommands = 400;
    private const int CommandsPerCaller = 50;

    public static async Task<IReadOnlyList<Row>> RunAsync(Scratch scratch)
    {
        var (large, small) = (await Store.CreateAsync(scratch.File("many.db"), Many), await Store.CreateAsync(scratch.File("few.db"), Few));
        for (var round = 0; round <= Rounds; round++)
        {
            foreach (var store in new[] { large, small })
            {
                await store.RunAsync(isMeasured: round > 0);
            }
        }

        await large.Host.StopAsync();
        await small.Host.StopAsync();
        return
        [
            Compare("consume on SQLite, one caller, 1,000,000 users", large.Alone, small.Alone),
            Compare("consume on SQLite, 64 callers, 1,000,000 users", large.Together, small.Together),
            new("warm-up of 50 users, 1,000,000 users", Row.Text($"{Median(large.WarmUps):0.00} ms"),
                Row.Text($"the same with 1,000 users: {Median(small.WarmUps):0.00} ms"),
                Row.Text($"{Median(large.WarmUps) / Median(small.WarmUps):0.00}"), "≤ 2.00",
                Median(large.WarmUps) <= 2 * Median(small.WarmUps)),
        ];
    }

    private static Row Compare(string what, List<double> large, List<double> small)
    {
        var (our, their) = (Median(large), Median(small));
        return new(what, Row.Text($"{our:0}/s"), Row.Text($"the same with 1,000 users: {their:0}/s"), Row.Text($"{our / their:0.00}"),
            "≥ 0.90", our / their >= 0.9);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private sealed class Store(IHost host, int users)
    {
        private readonly ICreditLedger _ledger = host.Services.GetRequiredService<ICreditLedger>();

        public IHost Host => host;

        public List<double> Alone { get; } = [];

        public List<double> Together { get; } = [];

        public List<double> WarmUps { get; } = [];

        public static async Task<Store> CreateAsync(string database, int users)
        {
            var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
            builder.Logging.ClearProviders();
            builder.Services.AddSessionRecoveryCore<NoTokenVerifier>().UseSqlite($"Data Source={database}");
            var host = builder.Build();
            await host.StartAsync();

            // The accounts are inserted as another program inserts them, in one transaction. A trigger writes their ledger entries.
            using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
            connection.Open();
            using var insert = connection.CreateCommand();
            insert.CommandText =
                """
                with recursive n (i) as (select 1 union all select i + 1 from n where i < $users)
                insert into user_credits (user_id, credits)
                select printf('%08x-0000-4000-8000-%012d', i * 2654435761 & 4294967295, i), 1000000 from n
                """;
            insert.Parameters.AddWithValue("$users", users);
            insert.CommandTimeout = 600;
            insert.ExecuteNonQuery();
            return new Store(host, users);
        }

        public async Task RunAsync(bool isMeasured)
        {
            var alone = await PerSecondAsync(AloneCommands, () => ConsumeAsync(AloneCommands));
            var together = await PerSecondAsync(
                Callers * CommandsPerCaller,
                () => Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(() => ConsumeAsync(CommandsPerCaller)))));
            var warmUp = await host.Services.GetRequiredService<ICacheWarmer>().WarmAsync();
            if (warmUp is not { Outcome: CacheWarmingOutcome.Completed, Users: 50 })
            {
                throw new InvalidOperationException($"A warm-up ended as {warmUp.Outcome} with {warmUp.Users} users.");
            }

            if (isMeasured)
            {
                Alone.Add(alone);
                Together.Add(together);
                WarmUps.Add(warmUp.Duration.TotalMilliseconds);
            }
        }

        private static async Task<double> PerSecondAsync(int commands, Func<Task> run)
        {
            var started = Stopwatch.GetTimestamp();
            await run();
            return commands / Stopwatch.GetElapsedTime(started).TotalSeconds;
        }

        private async Task ConsumeAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var number = (long)Random.Shared.Next(1, users + 1);
                var user = string.Create(
                    CultureInfo.InvariantCulture, $"{number * 2654435761 & 4294967295:x8}-0000-4000-8000-{number:d12}");
                var result = await _ledger.ConsumeAsync(UserId.Create(user), 1, IdempotencyKey.Create(Guid.NewGuid().ToString()));
                if (result.Status != CreditCommandStatus.Done)
                {
                    throw new InvalidOperationException($"A consume ended as {result.Status}.");
                }
            }
        }
    }
}
