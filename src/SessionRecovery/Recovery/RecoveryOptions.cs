namespace SessionRecovery.Recovery;

/// <summary>Options for session recovery. The values come from the configuration section <c>SessionRecovery:Recovery</c>.</summary>
public sealed class RecoveryOptions
{
    /// <summary>
    /// Gets or sets a value that indicates whether sessions are recovered. If the value is <see langword="false"/>, <c>/session/recover</c>
    /// is not mapped, but balances are still served. The default is <see langword="true"/>.
    /// </summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Gets or sets the minimum time between the end of one recovery and the start of the next for the same user and token.
    /// The default is 30 seconds; valid values are 0 to 1 hour.
    /// </summary>
    public TimeSpan Cooldown { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets the timeout of one recovery, including its health check and all steps.
    /// The default is 10 seconds; valid values are 1 second to 5 minutes.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets or sets the maximum number of recovery results that are kept during the cooldown. One result is kept per user and token. The
    /// default is 10,000; valid values are 100 to 10,000,000.
    /// </summary>
    public int MaxTrackedUsers { get; set; } = 10_000;
}
