namespace SessionRecovery.Sessions;

/// <summary>
/// Decides whether an access token is valid. The host's authentication scheme, Supabase Auth or the host itself provides the
/// implementation. Implementations must be thread-safe.
/// </summary>
public interface IAccessTokenVerifier
{
    /// <summary>Verifies a token. Implementations must have no side effects.</summary>
    /// <param name="token">The token.</param>
    /// <param name="cancellationToken">Cancels the verification.</param>
    /// <returns>
    /// <see cref="TokenVerificationStatus.Valid"/> with the user if the token is valid. <see cref="TokenVerificationStatus.Rejected"/> only
    /// if the issuer rejected the token. <see cref="TokenVerificationStatus.Unavailable"/> if the token could not be verified.
    /// </returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<TokenVerificationResult> VerifyAsync(AccessToken token, CancellationToken cancellationToken);
}
