namespace SessionRecovery.Sessions;

/// <summary>
/// Decides whether an access token is valid. Implemented by the host's authentication scheme, by Supabase Auth, or by the host itself.
/// Thread-safe.
/// </summary>
public interface IAccessTokenVerifier
{
    /// <summary>Verifies a token, without side effects.</summary>
    /// <param name="token">The token.</param>
    /// <param name="cancellationToken">Cancels the verification.</param>
    /// <returns>
    /// <see cref="TokenVerificationStatus.Valid"/> with the user; <see cref="TokenVerificationStatus.Rejected"/> only if the issuer
    /// rejected the token; <see cref="TokenVerificationStatus.Unavailable"/> if the token could not be verified.
    /// </returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<TokenVerificationResult> VerifyAsync(AccessToken token, CancellationToken cancellationToken);
}
