using Microsoft.Extensions.Options;
using SessionRecovery.Sessions;

namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>Selects the credential with which the data of a session is requested from Supabase.</summary>
internal sealed class CredentialSource(IOptions<SupabaseOptions> options, TimeProvider time)
{
    /// <summary>
    /// Returns the user's credential, or the server's credential for background work. Returns <see langword="null"/> if the session has no
    /// token or has the token of another user. Supabase verifies the token, but cannot detect that the host uses the token to read the data
    /// of another user.
    /// </summary>
    public SupabaseCredential? Find(UserSession session)
    {
        if (session.IsServer)
        {
            return SupabaseCredential.Server;
        }

        if (session.Token is not { } token)
        {
            return null;
        }

        var claims = TokenClaims.Read(token);
        if (!string.Equals(claims.Subject, session.User.Value, StringComparison.Ordinal))
        {
            return null;
        }

        return claims.ExpiresAt <= time.GetUtcNow() && MayReadAsServer(session)
            ? SupabaseCredential.Server
            : SupabaseCredential.ForUser(token);
    }

    /// <summary>
    /// Returns whether the server's credential may replace the user's token. The server's credential may be used if there is a secret key
    /// and the host has verified the user id without the token, for example by a cookie.
    /// </summary>
    public bool MayReadAsServer(UserSession session) =>
        session is { IsServer: false, TokenIsCredential: false, Token: not null } && !string.IsNullOrEmpty(options.Value.SecretKey);
}
