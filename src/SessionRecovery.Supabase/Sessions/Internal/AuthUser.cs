namespace SessionRecovery.Supabase.Sessions.Internal;

/// <summary>What we read of a user object.</summary>
internal sealed record AuthUser(string? Id);
