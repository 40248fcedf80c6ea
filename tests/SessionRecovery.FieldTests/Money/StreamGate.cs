namespace SessionRecovery.FieldTests.Money;

/// <summary>Lets an action wait for its test.</summary>
/// <param name="opened">Completes when the action may go on.</param>
public sealed class StreamGate(Task opened)
{
    /// <summary>Gets the task that completes when the action may go on.</summary>
    public Task Opened { get; } = opened;
}
