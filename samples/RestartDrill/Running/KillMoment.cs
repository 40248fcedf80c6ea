namespace RestartDrill.Running;

/// <summary>One kill's moment. In the last 50 ms before it the clients throw their answers away, as if the network had lost them.</summary>
internal sealed class KillMoment
{
    public static readonly TimeSpan LossWindow = TimeSpan.FromMilliseconds(50);

    private volatile bool _answersAreLost;

    public bool AnswersAreLost => _answersAreLost;

    public void BeginLosing() => _answersAreLost = true;
}
