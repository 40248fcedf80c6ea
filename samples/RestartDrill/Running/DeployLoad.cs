using RestartDrill.Clients;
using RestartDrill.Results;

namespace RestartDrill.Running;

/// <summary>
/// Generates the load during a deployment. For each user, two payers, one reader and one downloader run concurrently and complete every
/// click.
/// </summary>
internal sealed class DeployLoad(Clicks clicks, Findings findings, TimeProvider time, StopSignal stop)
{
    private const int PayersPerUser = 2;

    private readonly KillMoment _nothingIsLost = new();

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
            await clicks.RunAsync(() => user.PayAsync(payment, isRepeat: false, _nothingIsLost, findings, stop.Token), stop.Token);
            await PauseAsync(random, 600);
        }
    }

    private async Task ReadAsync(DrillUser user, Random random)
    {
        while (!stop.IsSet)
        {
            await clicks.RunAsync(() => user.ReadCreditsAsync(_nothingIsLost, findings, stop.Token), stop.Token);
            await PauseAsync(random, 20);
        }
    }

    private async Task DownloadAsync(DrillUser user, Random random)
    {
        while (!stop.IsSet)
        {
            await clicks.RunAsync(() => user.DownloadAsync(_nothingIsLost, findings, stop.Token), stop.Token);
            await PauseAsync(random, 60);
        }
    }

    private Task PauseAsync(Random random, int most) => Task.Delay(TimeSpan.FromMilliseconds(random.Next(most)), time, stop.Token);
}
