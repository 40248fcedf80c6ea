namespace SessionRecovery.Supabase.Sessions.Internal;

/// <summary>The members of Auth's user object that are read.</summary>
internal sealed record AuthUser(string? Id);
