using RestartDrill.Clients;
using RestartDrill.Results;

namespace RestartDrill.Running;

/// <summary>The load until the kill. Each user has two payers, one reader and one downloader.</summary>
internal sealed class Load(KillMoment moment, Findings findings, TimeProvider time, StopSignal stop)
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

            workers.Add(ReadAsync(user, new Random(random.Next())));
            workers.Add(DownloadAsync(user, new Random(random.Next())));
        }

        return Task.WhenAll(workers);
    }

    private async Task PayAsync(DrillUser user, Random random)
    {
        while (!stop.IsSet && user.Ledger.Begin() is { } payment)
        {
            await user.PayAsync(payment, isRepeat: false, moment, findings, stop.Token);
            await PauseAsync(random, 120);
        }
    }

    private async Task ReadAsync(DrillUser user, Random random)
    {
        while (!stop.IsSet)
        {
            await user.ReadCreditsAsync(moment, findings, stop.Token);
            await PauseAsync(random, 10);
        }
    }

    private async Task DownloadAsync(DrillUser user, Random random)
    {
        while (!stop.IsSet)
        {
            await user.DownloadPartAsync(random, moment, findings, stop.Token);
            await PauseAsync(random, 40);
        }
    }

    private Task PauseAsync(Random random, int most) => Task.Delay(TimeSpan.FromMilliseconds(random.Next(most)), time, stop.Token);
}
