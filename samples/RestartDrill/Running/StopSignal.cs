namespace RestartDrill.Running;

/// <summary>Holds two signals: the kill of the server, which ends the load, and the end of the drill, which cancels all work.</summary>
internal sealed class StopSignal(CancellationToken token)
{
    private volatile bool _isSet;

    public bool IsSet => _isSet;

    public CancellationToken Token => token;

    public void Set() => _isSet = true;
}
