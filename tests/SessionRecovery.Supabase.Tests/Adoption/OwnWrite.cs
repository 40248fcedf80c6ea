namespace SessionRecovery.Supabase.Tests.Adoption;

/// <summary>One attempt of the application's own SQL to change a balance.</summary>
internal sealed record OwnWrite(OwnPath Path, bool Rejected, DateTimeOffset Began, DateTimeOffset Ended);
