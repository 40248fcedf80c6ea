namespace SessionRecovery.Supabase;

/// <summary>The rights with which balances are read.</summary>
public enum SupabaseReadAs
{
    /// <summary>
    /// The signed-in user's: their token on each request, so that row-level security decides. The table requires a SELECT policy.
    /// </summary>
    User = 0,

    /// <summary>
    /// The server's: the secret key, and the user id of the verified principal as the filter. For tables without a SELECT policy, whose
    /// rows would otherwise look as if they did not exist.
    /// </summary>
    Server,
}
