namespace SessionRecovery.Supabase.Credits.Internal;

/// <summary>One user of the active-user snapshot.</summary>
internal sealed record LedgerUser(string UserId, long? Available, long Held, long Version, double? HoldExpiresIn);
