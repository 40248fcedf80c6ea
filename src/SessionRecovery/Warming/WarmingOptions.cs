namespace SessionRecovery.Warming;

/// <summary>
/// Options for the cache warm-up after a start. The values come from the configuration section <c>SessionRecovery:Warming</c>.
/// </summary>
public sealed class WarmingOptions
{
    /// <summary>
    /// Gets or sets a value that indicates whether the cache is warmed up after a start, and whether active users are recorded for the next
    /// warm-up. If the value is <see langword="false"/>, the cache fills as users make requests. The default is <see langword="true"/>.
    /// </summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Gets or sets the maximum number of users whose balances are loaded. The default is 50; valid values are 1 to 10,000.
    /// </summary>
    public int MaxUsers { get; set; } = 50;

    /// <summary>
    /// Gets or sets how recently a user must have been active to be included. The default is 24 hours; valid values are 1 minute to 30
    /// days.
    /// </summary>
    public TimeSpan ActiveWithin { get; set; } = TimeSpan.FromHours(24);

    /// <summary>
    /// Gets or sets the maximum duration of a warm-up. The default is 5 seconds; valid values are 50 milliseconds to 5 minutes.
    /// </summary>
    public TimeSpan TimeBudget { get; set; } = TimeSpan.FromSeconds(5);
}
