namespace RestartDrill.Results;

/// <summary>Contains the results of all deployments of a drill, and the state of the database at the end of the drill.</summary>
internal sealed record DeployDrillReport(
    IReadOnlyList<DeployReport> Deploys, Findings AtTheEnd, IReadOnlyList<string> AuditFaults)
{
    public IEnumerable<Findings> Findings => [.. Deploys.Select(static deploy => deploy.Findings), AtTheEnd];

    public int ExitCode =>
        Findings.Any(static findings => findings.Sum > 0) || AuditFaults.Count > 0 ? Settings.ExitCode.SomethingLost
        : Deploys.All(static deploy => deploy.PaidInFlight == 0) || Deploys.All(static deploy => deploy.RepeatedClicks == 0)
            ? Settings.ExitCode.Inconclusive
        : Settings.ExitCode.NothingLost;

    public long Count(FindingKind kind) => Findings.Sum(findings => findings[kind]);

    /// <summary>
    /// Returns a percentile of the times during which the proxy reached no version. The share 0.95 returns the 95th percentile.
    /// </summary>
    public TimeSpan WithoutService(double share)
    {
        var times = Deploys.Select(static deploy => deploy.WithoutService).Order().ToArray();
        return times[Math.Clamp((int)Math.Ceiling(share * times.Length) - 1, 0, times.Length - 1)];
    }
}
