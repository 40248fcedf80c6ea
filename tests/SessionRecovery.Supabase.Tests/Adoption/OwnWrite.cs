namespace SessionRecovery.Supabase.Tests.Adoption;

/// <summary>Represents one attempt to change a balance with the application's own SQL.</summary>
internal sealed record OwnWrite(OwnPath Path, bool Rejected, DateTimeOffset Began, DateTimeOffset Ended);
