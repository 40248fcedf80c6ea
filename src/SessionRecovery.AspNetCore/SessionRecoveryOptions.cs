using SessionRecovery.AspNetCore.Credits;
using SessionRecovery.AspNetCore.Sessions;
using SessionRecovery.Credits;
using SessionRecovery.Files;
using SessionRecovery.Health;
using SessionRecovery.Recovery;
using SessionRecovery.Warming;

namespace SessionRecovery.AspNetCore;

/// <summary>
/// Groups the options of all features for <c>AddSessionRecovery(o => …)</c>. The delegate is called once per feature, so it must only set
/// options and have no other effect.
/// </summary>
public sealed class SessionRecoveryOptions
{
    internal SessionRecoveryOptions()
    {
    }

    /// <summary>Gets the options that specify how the session of a request is found.</summary>
    public UserSessionOptions Session { get; internal init; } = new();

    /// <summary>Gets the options for balances and store calls.</summary>
    public CreditOptions Credits { get; internal init; } = new();

    /// <summary>Gets the options for paid requests.</summary>
    public PaidRequestOptions PaidRequests { get; internal init; } = new();

    /// <summary>Gets the options for health checks.</summary>
    public HealthOptions Health { get; internal init; } = new();

    /// <summary>Gets the options for recovery.</summary>
    public RecoveryOptions Recovery { get; internal init; } = new();

    /// <summary>Gets the options for the cache warm-up.</summary>
    public WarmingOptions Warming { get; internal init; } = new();

    /// <summary>Gets the options for the files of users.</summary>
    public UserFileOptions Files { get; internal init; } = new();
}
