namespace RestartDrill.Points.Server;

/// <summary>
/// Tracks whether a request has stopped at its point. A request stops only once, so that a command that is sent again does not stop at the
/// point.
/// </summary>
internal sealed class Visit(KillPoint point)
{
    private int _hasStopped;

    public KillPoint Point => point;

    public bool TryStop(KillPoint at) => at == point && Interlocked.Exchange(ref _hasStopped, 1) == 0;
}
