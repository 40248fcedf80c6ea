namespace SessionRecovery.Supabase.Sessions.Internal;

/// <summary>The part of a user object that is read.</summary>
internal sealed record AuthUser(string? Id);
