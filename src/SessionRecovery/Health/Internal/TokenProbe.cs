using SessionRecovery.Sessions;

namespace SessionRecovery.Health.Internal;

/// <summary>Checks whether the verifier still accepts the session's token, and for the same user.</summary>
internal sealed class TokenProbe(ITokenVerificationService verification) : ISessionProbe
{
    /// <summary>The name of this probe in reports and on the wire.</summary>
    public const string Name = "authority";

    public async ValueTask<ProbeResult> ProbeAsync(UserSession session, CancellationToken cancellationToken)
    {
        if (session.IsServer)
        {
            return ProbeResult.Inconclusive("no_sign_in");
        }

        if (session.Token is null || !session.TokenIsCredential)
        {
            // A session without its own token was verified by its cookie in this request, so nothing is left to verify.
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
