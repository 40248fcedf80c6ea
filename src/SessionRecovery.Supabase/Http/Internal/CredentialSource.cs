using SessionRecovery.Sessions;

namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>Selects the credential for a session.</summary>
internal static class CredentialSource
{
    /// <summary>
    /// Returns the user's credential, or the server's for background work. Returns <see langword="null"/> for a user without a token or
    /// with another user's token: Supabase verifies the token, but does not check that the host reads for the token's user.
    /// </summary>
    public static SupabaseCredential? Find(UserSession session) => session switch
    {
        { IsServer: true } => SupabaseCredential.Server,
        { Token: { } token } when string.Equals(
            TokenClaims.Read(token).Subject, session.User.Value, StringComparison.Ordinal) => SupabaseCredential.ForUser(token),
        _ => null,
    };
}
