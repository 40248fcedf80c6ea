namespace SessionRecovery.Health;

/// <summary>Represents the result of one probe in a <see cref="SessionHealthReport"/>.</summary>
public sealed record SessionHealthReportEntry
{
    /// <summary>Gets the name with which the probe was registered.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the status that the probe reported.</summary>
    public SessionHealthStatus Status { get; init; }

    /// <summary>Gets the reason that the probe reported, as a code in snake_case.</summary>
    public string? Reason { get; init; }

    /// <summary>Gets the time that the probe took.</summary>
    public TimeSpan Duration { get; init; }
}
