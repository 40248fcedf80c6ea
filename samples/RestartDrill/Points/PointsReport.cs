namespace RestartDrill.Points;

/// <summary>The results of a drill at named points, and the audit of the database at its end.</summary>
internal sealed record PointsReport(int Kills, IReadOnlyList<PointReport> Points, IReadOnlyList<string> AuditFaults)
{
    public int ExitCode => AuditFaults.Count > 0 || Points.Any(static point => point.Findings.Sum > 0)
        ? Settings.ExitCode.SomethingLost
        : Settings.ExitCode.NothingLost;
}
