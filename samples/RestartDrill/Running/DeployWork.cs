using RestartDrill.Clients;
using RestartDrill.Ledgers;
using RestartDrill.Results;

namespace RestartDrill.Running;

/// <summary>Runs the work of the users during a deployment. Every click is repeated until it succeeds.</summary>
internal sealed class DeployWork(Clicks clicks, Findings findings, StopSignal stop) : IUserWork
{
    private readonly KillMoment _nothingIsLost = new();

    public (int Pay, int Read, int Download) Pauses => (600, 20, 60);

    public Task PayAsync(DrillUser user, Payment payment) =>
        clicks.RunAsync(() => user.PayAsync(payment, isRepeat: false, _nothingIsLost, findings, stop.Token), stop.Token);

    public Task ReadAsync(DrillUser user) =>
        clicks.RunAsync(() => user.ReadCreditsAsync(_nothingIsLost, findings, stop.Token), stop.Token);

    public Task DownloadAsync(DrillUser user, Random random) =>
        clicks.RunAsync(() => user.DownloadAsync(_nothingIsLost, findings, stop.Token), stop.Token);
}
