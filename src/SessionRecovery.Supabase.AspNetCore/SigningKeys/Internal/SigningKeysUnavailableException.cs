namespace SessionRecovery.Supabase.AspNetCore.SigningKeys.Internal;

/// <summary>A token could not be checked, which is no word about it. An outage of the authority, and answered as one.</summary>
internal sealed class SigningKeysUnavailableException(
    ) : InvalidOperationException("Supabase's signing keys are not known, so the token could not be checked.");
