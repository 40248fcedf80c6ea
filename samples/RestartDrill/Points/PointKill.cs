using RestartDrill.Stores;

namespace RestartDrill.Points;

/// <summary>One kill: the process, the number of users at their points, and the number of findings until the next kill.</summary>
internal sealed record PointKill(int Number, Victim Victim, int Users, long Found);
