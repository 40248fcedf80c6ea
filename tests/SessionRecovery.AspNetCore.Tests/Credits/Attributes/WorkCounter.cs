namespace SessionRecovery.AspNetCore.Tests.Credits.Attributes;

/// <summary>Counts how often an action ran.</summary>
public sealed class WorkCounter
{
    private int _runs;

    public int Runs => _runs;

    public int Count() => Interlocked.Increment(ref _runs);
}
