using SessionRecovery.Sessions;

namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>Decides in whose name a session is served.</summary>
internal static class CredentialSource
{
    /// <summary>
    /// The user's credential, or the server's where background work asks; <see langword="null"/> when a user comes without a token, or with
    /// another's: Supabase verifies the token, but can't see that the host asks for somebody else, whose row we would then show.
    /// </summary>
    public static SupabaseCredential? Find(UserSession session) => session switch
    {
        { IsServer: true } => SupabaseCredential.Server,
        { Token: { } token } when string.Equals(
            TokenClaims.Read(token).Subject, session.User.Value, StringComparison.Ordinal) => SupabaseCredential.ForUser(token),
        _ => null,
    };
}
