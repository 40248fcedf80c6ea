namespace RestartDrill.Points.Server;

/// <summary>
/// Provides the clock of the server. The embedded store reads the clock in its transactions, so the clock can stop a transaction.
/// </summary>
internal sealed class KillPointTime(GroupGate group) : TimeProvider
{
    public override DateTimeOffset GetUtcNow()
    {
        group.CountReading();
        return base.GetUtcNow();
    }
}
