namespace RestartDrill.Points;

/// <summary>Contains the results of a drill with named points, and the audit of the database at its end.</summary>
internal sealed record PointsReport(int Kills, IReadOnlyList<PointReport> Points, IReadOnlyList<string> AuditFaults)
{
    public int ExitCode => AuditFaults.Count > 0 || Points.Any(static point => point.Findings.Sum > 0)
        ? Settings.ExitCode.SomethingLost
        : Settings.ExitCode.NothingLost;
}
