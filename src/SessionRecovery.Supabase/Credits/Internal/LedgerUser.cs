namespace SessionRecovery.Supabase.Credits.Internal;

/// <summary>Represents one user in the response of the function <c>active_user_snapshot</c>.</summary>
internal sealed record LedgerUser(string UserId, long? Available, long Held, long Version, double? HoldExpiresIn);
