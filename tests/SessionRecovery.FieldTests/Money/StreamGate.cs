namespace SessionRecovery.FieldTests.Money;

/// <summary>Lets an action wait for a signal of its test.</summary>
/// <param name="opened">Completes when the action may continue.</param>
public sealed class StreamGate(Task opened)
{
    /// <summary>Gets the task that completes when the action may continue.</summary>
    public Task Opened { get; } = opened;
}
