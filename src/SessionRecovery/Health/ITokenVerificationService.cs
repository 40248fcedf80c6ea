using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Health;

/// <summary>
/// Verifies the tokens of sessions with the host's <see cref="IAccessTokenVerifier"/>. At most one verification per user and token runs at
/// a time. Its result is shared until <see cref="CreditOptions.MinRefreshInterval"/> after the start of the verification, so that a client
/// cannot cause an unlimited number of calls to the token's issuer. Implementations must be thread-safe.
/// </summary>
public interface ITokenVerificationService
{
    /// <summary>Verifies the token of a session.</summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Cancels this caller's wait, not a verification that other callers share.</param>
    /// <returns>
    /// The result; <see cref="TokenVerificationStatus.Unavailable"/> if the session has no token or if a shared verification takes longer
    /// than 30 seconds.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="session"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<TokenVerificationResult> VerifyAsync(UserSession session, CancellationToken cancellationToken = default);

    /// <summary>Removes the result that is kept for a session. The method has no effect if there is no result for the session.</summary>
    /// <param name="session">The session.</param>
    /// <exception cref="ArgumentNullException"><paramref name="session"/> is <see langword="null"/>.</exception>
    void Forget(UserSession session);
}
