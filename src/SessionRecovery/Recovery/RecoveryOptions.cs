namespace SessionRecovery.Recovery;

/// <summary>How sessions are recovered. Bound from <c>SessionRecovery:Recovery</c>.</summary>
public sealed class RecoveryOptions
{
    /// <summary>Off, nothing is recovered: <c>/session/recover</c> is not mapped, credits still show. On by default.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How long a user's next recovery waits after one ended. 0 to 1 h; 30 s by default.</summary>
    public TimeSpan Cooldown { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The time for one recovery, all its steps together. 1 s to 5 min; 10 s by default.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The most users whose last result is remembered. 100 to 10,000,000; 10,000 by default.</summary>
    public int MaxTrackedUsers { get; set; } = 10_000;
}
