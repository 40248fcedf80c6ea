namespace SessionRecovery.Recovery.Internal;

/// <summary>One recovery, running or ended; callers during it join, callers within its cooldown get its report again.</summary>
internal sealed class RecoveryFlight(Task<SessionRecoveryResult> report)
{
    private long _ended;

    public Task<SessionRecoveryResult> Report { get; } = report;

    public void End(long timestamp) => Volatile.Write(ref _ended, timestamp);

    public TimeSpan CooldownLeft(TimeProvider time, TimeSpan cooldown) => cooldown - time.GetElapsedTime(Volatile.Read(ref _ended));
}
