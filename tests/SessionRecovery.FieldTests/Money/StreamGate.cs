namespace SessionRecovery.FieldTests.Money;

/// <summary>Lets a controller action wait until a test signals it.</summary>
/// <param name="opened">A task that completes when the action may continue.</param>
public sealed class StreamGate(Task opened)
{
    /// <summary>Gets the task that completes when the action may continue.</summary>
    public Task Opened { get; } = opened;
}
