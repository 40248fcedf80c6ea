using SessionRecovery.Sessions;

namespace SessionRecovery.Health.Internal;

/// <summary>Does the authority still accept the session's token, and as the same user's?</summary>
internal sealed class TokenProbe(IAccessTokenVerifier authority) : ISessionProbe
{
    public string Name => "authority";

    public async ValueTask<ProbeResult> ProbeAsync(UserSession session, CancellationToken cancellationToken)
    {
        if (session.IsServer)
        {
            return ProbeResult.Inconclusive("no_sign_in");
        }

        if (session.Token is not { } token || !session.TokenIsCredential)
        {
            // A cookie: the host verified it for this very request, and there is nothing else to ask with.
            return new ProbeResult(SessionHealthStatus.Healthy, "verified_by_host");
        }

        var verdict = await authority.VerifyAsync(token, cancellationToken).ConfigureAwait(false);
        return verdict.Status switch
        {
            TokenVerificationStatus.Valid when verdict.User == session.User => ProbeResult.Healthy,
            TokenVerificationStatus.Valid => ProbeResult.Unhealthy("other_user"),
            TokenVerificationStatus.Rejected => ProbeResult.Unhealthy("refused"),
            _ => ProbeResult.Inconclusive("unavailable"),
        };
    }
}
