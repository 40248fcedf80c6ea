using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.Health;

/// <summary>
/// Verifies the tokens of sessions with the host's <see cref="IAccessTokenVerifier"/>. At most one verification per user and token runs at
/// a time, and its result is shared until <see cref="CreditOptions.MinRefreshInterval"/> after its start, so that a client cannot make the
/// host call the token's issuer any number of times. Thread-safe.
/// </summary>
public interface ITokenVerificationService
{
    /// <summary>Verifies the token of a session.</summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Cancels this caller's wait, not a verification that other callers share.</param>
    /// <returns>
    /// The result; <see cref="TokenVerificationStatus.Unavailable"/> for a session without a token, and after 30 seconds without a result.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="session"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<TokenVerificationResult> VerifyAsync(UserSession session, CancellationToken cancellationToken = default);

    /// <summary>Removes the result that is kept for a session. A session without a result has no effect.</summary>
    /// <param name="session">The session.</param>
    /// <exception cref="ArgumentNullException"><paramref name="session"/> is <see langword="null"/>.</exception>
    void Forget(UserSession session);
}
