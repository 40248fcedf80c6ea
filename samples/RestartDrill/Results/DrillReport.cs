using RestartDrill.Stores;

namespace RestartDrill.Results;

/// <summary>Contains the kills of a drill and the state of the database at its end.</summary>
internal sealed record DrillReport(
    IReadOnlyList<Victim> Victims, IReadOnlyList<KillReport> Kills, Findings AtTheEnd, IReadOnlyList<string> AuditFaults)
{
    public IEnumerable<Findings> Findings => [.. Kills.Select(static kill => kill.Findings), AtTheEnd];

    public int ExitCode =>
        Findings.Any(static findings => findings.Sum > 0) || AuditFaults.Count > 0 ? Settings.ExitCode.SomethingLost
        : Kills.All(static kill => kill.PaidInFlight == 0) || Findings.All(static findings => findings.RepeatsOfPaidWork == 0)
            || NeverKilled.Any()
            ? Settings.ExitCode.Inconclusive
        : Settings.ExitCode.NothingLost;

    /// <summary>Gets the processes that the drill never killed. The crash of these processes was not tested.</summary>
    public IEnumerable<Victim> NeverKilled => Victims.Where(victim => CountKills(victim) == 0);

    public int CountKills(Victim victim) => Kills.Count(kill => kill.Victim == victim);

    public long Count(FindingKind kind) => Findings.Sum(findings => findings[kind]);

    /// <summary>Returns the time within which the server returned a correct balance again after the given share of the kills.</summary>
    public TimeSpan TimeToCorrectBalance(double share)
    {
        var times = Kills.Select(static kill => kill.TimeToCorrectBalance).Order().ToArray();
        return times.Length == 0 ? TimeSpan.Zero : times[Math.Clamp((int)Math.Ceiling(share * times.Length) - 1, 0, times.Length - 1)];
    }
}
