using SessionRecovery.Credits;

namespace SessionRecovery.Health;

/// <summary>Contains the results of all probes for one session.</summary>
public sealed record SessionHealthReport
{
    /// <summary>Creates a report.</summary>
    /// <param name="entries">The results of the probes in the order of registration.</param>
    /// <exception cref="ArgumentNullException"><paramref name="entries"/> is <see langword="null"/>.</exception>
    public SessionHealthReport(IReadOnlyList<SessionHealthReportEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        Entries = entries;
        Status = Aggregate(entries);
    }

    /// <summary>Gets the results of the probes in the order of registration.</summary>
    public IReadOnlyList<SessionHealthReportEntry> Entries { get; }

    /// <summary>
    /// Gets the status of the session. The status is <see cref="SessionHealthStatus.Unhealthy"/> if any probe reported this status. If no
    /// probe reported an unhealthy session, the status is <see cref="SessionHealthStatus.Inconclusive"/> if any probe was inconclusive or
    /// if no probe is registered. If all probes reported a healthy session, the status is <see cref="SessionHealthStatus.Healthy"/>.
    /// </summary>
    public SessionHealthStatus Status { get; }

    /// <summary>Gets the balance that the credits probe read, if the probe completed.</summary>
    internal CreditReadResult? Credits { get; init; }

    private static SessionHealthStatus Aggregate(IReadOnlyList<SessionHealthReportEntry> entries)
    {
        if (entries.Any(static entry => entry.Status == SessionHealthStatus.Unhealthy))
        {
            return SessionHealthStatus.Unhealthy;
        }

        return entries.Count > 0 && entries.All(static entry => entry.Status == SessionHealthStatus.Healthy)
            ? SessionHealthStatus.Healthy
            : SessionHealthStatus.Inconclusive;
    }
}
