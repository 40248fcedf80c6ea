namespace SessionRecovery.Sessions;

/// <summary>
/// Decides whether an access token is valid. The host's authentication scheme, Supabase Auth or the host itself provides the
/// implementation. Implementations must be thread-safe.
/// </summary>
public interface IAccessTokenVerifier
{
    /// <summary>
    /// Gets a value that indicates whether several requests may share the verification result of a session for a short time. The default is
    /// <see langword="true"/>. A verifier whose result depends on the current request returns <see langword="false"/>, so that it is called
    /// in each request.
    /// </summary>
    bool SharesResults => true;

    /// <summary>Verifies a token, without side effects.</summary>
    /// <param name="token">The token.</param>
    /// <param name="cancellationToken">Cancels the verification.</param>
    /// <returns>
    /// <see cref="TokenVerificationStatus.Valid"/> with the user if the token is valid. <see cref="TokenVerificationStatus.Rejected"/> only
    /// if the issuer rejected the token. <see cref="TokenVerificationStatus.Unavailable"/> if the token could not be verified.
    /// </returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<TokenVerificationResult> VerifyAsync(AccessToken token, CancellationToken cancellationToken);

    /// <summary>
    /// Verifies the token of a session, without side effects. The default implementation verifies <see cref="UserSession.Token"/>, and
    /// returns <see cref="TokenVerificationStatus.Unavailable"/> for a session without a token. A verifier may instead return the result of
    /// the host's own verification of the session.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Cancels the verification.</param>
    /// <returns>The result, as for <see cref="VerifyAsync(AccessToken, CancellationToken)"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="session"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<TokenVerificationResult> VerifyAsync(UserSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        return session.Token is { } token ? VerifyAsync(token, cancellationToken) : new(TokenVerificationResult.Unavailable);
    }
}
