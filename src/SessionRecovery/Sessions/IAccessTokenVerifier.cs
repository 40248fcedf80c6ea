namespace SessionRecovery.Sessions;

/// <summary>Who decides whether an access token is good: the host's own authentication scheme, or Supabase Auth.</summary>
public interface IAccessTokenVerifier
{
    /// <summary>Asks about a token. Thread-safe; changes nothing.</summary>
    /// <returns>
    /// <see cref="TokenVerificationStatus.Valid"/> with the user, <see cref="TokenVerificationStatus.Rejected"/> only on the authority's own
    /// word (a 401), <see cref="TokenVerificationStatus.Unavailable"/> when it could not be asked.
    /// </returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    ValueTask<TokenVerificationResult> VerifyAsync(AccessToken token, CancellationToken cancellationToken);
}
