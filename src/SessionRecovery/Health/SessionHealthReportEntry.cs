namespace SessionRecovery.Health;

/// <summary>What one probe answered, and how long it took.</summary>
/// <param name="Name">The probe's name.</param>
/// <param name="Status">Its answer.</param>
/// <param name="Reason">Its reason, a code in snake_case.</param>
/// <param name="Duration">How long it took.</param>
public sealed record SessionHealthReportEntry(string Name, SessionHealthStatus Status, string? Reason, TimeSpan Duration);
