using RestartDrill.Points.Server;
using RestartDrill.Results;
using RestartDrill.Stores;

namespace RestartDrill.Points;

/// <summary>Contains the findings of all kills of one process at one point.</summary>
internal sealed record PointReport(KillPoint Point, Victim Victim, Findings Findings);
