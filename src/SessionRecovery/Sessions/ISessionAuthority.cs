namespace SessionRecovery.Sessions;

/// <summary>Who decides whether an access token is good: the host's own authentication scheme, or Supabase Auth.</summary>
public interface ISessionAuthority
{
    /// <summary>Asks about a token. Thread-safe; changes nothing.</summary>
    /// <returns>
    /// <see cref="SessionVerdictStatus.Valid"/> with the user, <see cref="SessionVerdictStatus.Refused"/> only on the authority's own
    /// word (a 401), <see cref="SessionVerdictStatus.Unavailable"/> when it could not be asked.
    /// </returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    ValueTask<SessionVerdict> VerifyAsync(AccessToken token, CancellationToken cancellationToken);
}
