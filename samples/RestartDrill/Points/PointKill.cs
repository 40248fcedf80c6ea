using RestartDrill.Stores;

namespace RestartDrill.Points;

/// <summary>
/// Describes one kill: the killed process, the number of users whose requests had reached their points, and the number of findings until
/// the next kill.
/// </summary>
internal sealed record PointKill(int Number, Victim Victim, int Users, long Found);
