namespace SessionRecovery.Supabase.Sessions.Internal;

/// <summary>Represents the part of a Supabase Auth user object that this package reads.</summary>
internal sealed record AuthUser(string? Id);
