namespace RestartDrill.Running;

/// <summary>
/// Represents the time of one kill. During the last 50 ms before the kill, clients discard their responses as if the network had lost them.
/// </summary>
internal sealed class KillMoment
{
    public static readonly TimeSpan LossWindow = TimeSpan.FromMilliseconds(50);

    private volatile bool _responsesAreLost;

    public bool ResponsesAreLost => _responsesAreLost;

    public void BeginLosing() => _responsesAreLost = true;
}
