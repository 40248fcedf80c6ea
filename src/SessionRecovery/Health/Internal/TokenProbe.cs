using SessionRecovery.Sessions;

namespace SessionRecovery.Health.Internal;

/// <summary>
/// Checks whether the token verifier accepts the session's access token, and whether the token belongs to the session's user.
/// </summary>
internal sealed class TokenProbe(ITokenVerificationService verification) : ISessionProbe
{
    /// <summary>The name of this probe in health reports and in HTTP responses.</summary>
    public const string Name = "authority";

    public async ValueTask<ProbeResult> ProbeAsync(UserSession session, CancellationToken cancellationToken)
    {
        if (session.IsServer)
        {
            return ProbeResult.Inconclusive("no_sign_in");
        }

        if (session.Token is null || !session.TokenIsCredential)
        {
            // The session has no access token to verify. The host has already verified the session in another way, for example by a cookie.
            return ProbeResult.Healthy("verified_by_host");
        }

        var result = await verification.VerifyAsync(session, cancellationToken).ConfigureAwait(false);
        return result.Status switch
        {
            TokenVerificationStatus.Valid when result.User == session.User => ProbeResult.Healthy(),
            TokenVerificationStatus.Valid => ProbeResult.Unhealthy("other_user"),
            TokenVerificationStatus.Rejected => ProbeResult.Unhealthy("refused"),
            _ => ProbeResult.Inconclusive("unavailable"),
        };
    }
}
