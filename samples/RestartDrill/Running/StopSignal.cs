namespace RestartDrill.Running;

/// <summary>Says that the server was killed, which ends the load; or that the whole drill is to end, which cancels.</summary>
internal sealed class StopSignal(CancellationToken token)
{
    private volatile bool _isSet;

    public bool IsSet => _isSet;

    public CancellationToken Token => token;

    public void Set() => _isSet = true;
}
