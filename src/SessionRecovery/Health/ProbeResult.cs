using SessionRecovery.Credits;

namespace SessionRecovery.Health;

/// <summary>The result of a probe. The default is <see cref="SessionHealthStatus.Inconclusive"/> without a reason.</summary>
public readonly record struct ProbeResult
{
    private ProbeResult(SessionHealthStatus status, string? reason)
    {
        Status = status;
        Reason = reason;
    }

    /// <summary>Gets the status.</summary>
    public SessionHealthStatus Status { get; }

    /// <summary>Gets the reason: a short stable code in snake_case, without secrets, identifiers or exception texts.</summary>
    public string? Reason { get; }

    /// <summary>Gets the balance read of the credits probe, so that a recovery need not repeat it.</summary>
    internal CreditReadResult? Credits { get; init; }

    /// <summary>Creates a result for a healthy session.</summary>
    /// <param name="reason">The reason, if there is something to say.</param>
    /// <returns>The result.</returns>
    public static ProbeResult Healthy(string? reason = null) => new(SessionHealthStatus.Healthy, reason);

    /// <summary>Creates a result for a probe that could not determine the health.</summary>
    /// <param name="reason">The reason.</param>
    /// <returns>The result.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="reason"/> is <see langword="null"/>.</exception>
    public static ProbeResult Inconclusive(string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return new ProbeResult(SessionHealthStatus.Inconclusive, reason);
    }

    /// <summary>Creates a result for a session whose token was rejected.</summary>
    /// <param name="reason">The reason.</param>
    /// <returns>The result.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="reason"/> is <see langword="null"/>.</exception>
    public static ProbeResult Unhealthy(string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return new ProbeResult(SessionHealthStatus.Unhealthy, reason);
    }
}
