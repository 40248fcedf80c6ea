using SessionRecovery.Sessions;

namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>Selects the credential with which a session's data is requested.</summary>
internal static class CredentialSource
{
    /// <summary>
    /// Returns the user's credential, or the server's credential for background work. Returns <see langword="null"/> if the session has no
    /// token or the token of another user. Supabase verifies the token, but cannot check that the host reads the data of the token's user.
    /// </summary>
    public static SupabaseCredential? Find(UserSession session) => session switch
    {
        { IsServer: true } => SupabaseCredential.Server,
        { Token: { } token } when string.Equals(
            TokenClaims.Read(token).Subject, session.User.Value, StringComparison.Ordinal) => SupabaseCredential.ForUser(token),
        _ => null,
    };
}
