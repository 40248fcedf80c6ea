using RestartDrill.Clients;
using RestartDrill.Ledgers;
using RestartDrill.Results;

namespace RestartDrill.Running;

/// <summary>Runs the work of the users until a kill. This class does not repeat a request that the kill interrupts.</summary>
internal sealed class KillWork(KillMoment moment, Findings findings, StopSignal stop) : IUserWork
{
    public (int Pay, int Read, int Download) Pauses => (120, 10, 40);

    public Task PayAsync(DrillUser user, Payment payment) => user.PayAsync(payment, isRepeat: false, moment, findings, stop.Token);

    public Task ReadAsync(DrillUser user) => user.ReadCreditsAsync(moment, findings, stop.Token);

    public Task DownloadAsync(DrillUser user, Random random) => user.DownloadPartAsync(random, moment, findings, stop.Token);
}
