using SessionRecovery.Sessions;

namespace SessionRecovery.Recovery.Internal;

/// <summary>Asks the authority again: a session that it refuses can't be recovered here, only by the client's refresh.</summary>
internal sealed class VerifyStep(IAccessTokenVerifier authority) : IRecoveryStep
{
    public string Name => "verify";

    public async ValueTask<string?> RunAsync(UserSession session, CancellationToken cancellationToken)
    {
        if (session.Token is not { } token || !session.TokenIsCredential)
        {
            return null;
        }

        var verdict = await authority.VerifyAsync(token, cancellationToken).ConfigureAwait(false);
        return verdict.Status switch
        {
            TokenVerificationStatus.Valid when verdict.User == session.User => null,
            TokenVerificationStatus.Valid => "other_user",
            TokenVerificationStatus.Rejected => "refused",
            _ => "unavailable",
        };
    }
}
