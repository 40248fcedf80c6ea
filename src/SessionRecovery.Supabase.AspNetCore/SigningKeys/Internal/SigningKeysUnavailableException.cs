namespace SessionRecovery.Supabase.AspNetCore.SigningKeys.Internal;

/// <summary>
/// Thrown if a token can be neither validated nor rejected, because the signing keys are unknown. Callers treat this exception as an outage
/// of Supabase Auth.
/// </summary>
internal sealed class SigningKeysUnavailableException()
    : InvalidOperationException("Supabase's signing keys are not known, so the token could not be checked.");
