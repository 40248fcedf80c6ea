using RestartDrill.Clients;

namespace RestartDrill.Running;

/// <summary>
/// Generates the load. For each user, two payers, one reader and one downloader send requests concurrently until the stop signal.
/// </summary>
internal sealed class Load(IUserWork work, TimeProvider time, StopSignal stop)
{
    private const int PayersPerUser = 2;

    public Task RunAsync(IEnumerable<DrillUser> users, Random random)
    {
        var workers = new List<Task>();
        foreach (var user in users)
        {
            for (var i = 0; i < PayersPerUser; i++)
            {
                workers.Add(PayAsync(user, new Random(random.Next())));
            }

            workers.Add(RepeatAsync(_ => work.ReadAsync(user), work.Pauses.Read, new Random(random.Next())));
            workers.Add(RepeatAsync(one => work.DownloadAsync(user, one), work.Pauses.Download, new Random(random.Next())));
        }

        return Task.WhenAll(workers);
    }

    private async Task PayAsync(DrillUser user, Random random)
    {
        while (!stop.IsSet && user.Ledger.Begin() is { } payment)
        {
            await work.PayAsync(user, payment);
            await PauseAsync(random, work.Pauses.Pay);
        }
    }

    private async Task RepeatAsync(Func<Random, Task> run, int longestPause, Random random)
    {
        while (!stop.IsSet)
        {
            await run(random);
            await PauseAsync(random, longestPause);
        }
    }

    private Task PauseAsync(Random random, int most) => Task.Delay(TimeSpan.FromMilliseconds(random.Next(most)), time, stop.Token);
}
