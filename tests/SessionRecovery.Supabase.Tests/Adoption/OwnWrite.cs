namespace SessionRecovery.Supabase.Tests.Adoption;

/// <summary>One try of the app's own SQL to change a balance.</summary>
internal sealed record OwnWrite(OwnPath Path, bool Refused, DateTimeOffset Began, DateTimeOffset Ended);
