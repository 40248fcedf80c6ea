namespace SessionRecovery.Supabase;

/// <summary>Whose rights a balance is read with.</summary>
public enum SupabaseReadAs
{
    /// <summary>
    /// The signed-in user's: their own token on each request, so that row-level security decides. The table needs a SELECT policy.
    /// </summary>
    User = 0,

    /// <summary>
    /// The server's: the secret key, and the user id of the verified principal as the filter. For tables without a SELECT policy, whose
    /// rows would otherwise look as if they were not there.
    /// </summary>
    Server,
}
