namespace SessionRecovery.Supabase.AspNetCore.SigningKeys.Internal;

/// <summary>
/// Thrown when a token can be neither validated nor rejected, because the signing keys are unknown. Handled as an outage of Auth.
/// </summary>
internal sealed class SigningKeysUnavailableException()
    : InvalidOperationException("Supabase's signing keys are not known, so the token could not be checked.");
