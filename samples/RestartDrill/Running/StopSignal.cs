namespace RestartDrill.Running;

/// <summary>Signals the kill of the server, which ends the load, or the end of the drill, which cancels everything.</summary>
internal sealed class StopSignal(CancellationToken token)
{
    private volatile bool _isSet;

    public bool IsSet => _isSet;

    public CancellationToken Token => token;

    public void Set() => _isSet = true;
}
