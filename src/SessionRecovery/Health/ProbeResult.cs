using SessionRecovery.Credits;

namespace SessionRecovery.Health;

/// <summary>
/// Represents the result of a probe. The default value is <see cref="SessionHealthStatus.Inconclusive"/> without a reason.
/// </summary>
public readonly record struct ProbeResult
{
    private ProbeResult(SessionHealthStatus status, string? reason)
    {
        Status = status;
        Reason = reason;
    }

    /// <summary>Gets the status.</summary>
    public SessionHealthStatus Status { get; }

    /// <summary>
    /// Gets the reason as a short, stable code in snake_case. The code must not contain secrets, identifiers or exception messages.
    /// </summary>
    public string? Reason { get; }

    /// <summary>Gets the balance that the credits probe read, so that a recovery does not need to read the balance again.</summary>
    internal CreditReadResult? Credits { get; init; }

    /// <summary>Creates a result for a healthy session.</summary>
    /// <param name="reason">The reason, or <see langword="null"/>.</param>
    /// <returns>The result.</returns>
    public static ProbeResult Healthy(string? reason = null) => new(SessionHealthStatus.Healthy, reason);

    /// <summary>Creates a result for a probe that could not determine the health of the session.</summary>
    /// <param name="reason">The reason.</param>
    /// <returns>The result.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="reason"/> is <see langword="null"/>.</exception>
    public static ProbeResult Inconclusive(string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return new ProbeResult(SessionHealthStatus.Inconclusive, reason);
    }

    /// <summary>Creates a result for a session whose access token was rejected.</summary>
    /// <param name="reason">The reason.</param>
    /// <returns>The result.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="reason"/> is <see langword="null"/>.</exception>
    public static ProbeResult Unhealthy(string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return new ProbeResult(SessionHealthStatus.Unhealthy, reason);
    }
}
