using SessionRecovery.Credits;
using SessionRecovery.Files;
using SessionRecovery.Health;
using SessionRecovery.Recovery;
using SessionRecovery.Warming;

namespace SessionRecovery.DependencyInjection;

/// <summary>
/// Groups the options of all features of the core package for <c>AddSessionRecoveryCore(o => …)</c>. The delegate is called once per
/// feature, so it must only set options and have no other effect.
/// </summary>
public sealed class SessionRecoveryCoreOptions
{
    internal SessionRecoveryCoreOptions()
    {
    }

    /// <summary>Gets the options for balances and store calls.</summary>
    public CreditOptions Credits { get; internal init; } = new();

    /// <summary>Gets the options for health checks.</summary>
    public HealthOptions Health { get; internal init; } = new();

    /// <summary>Gets the options for recovery.</summary>
    public RecoveryOptions Recovery { get; internal init; } = new();

    /// <summary>Gets the options for the cache warm-up.</summary>
    public WarmingOptions Warming { get; internal init; } = new();

    /// <summary>Gets the options for the files of users.</summary>
    public UserFileOptions Files { get; internal init; } = new();
}
