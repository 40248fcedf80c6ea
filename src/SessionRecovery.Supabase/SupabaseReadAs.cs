namespace SessionRecovery.Supabase;

/// <summary>The rights with which balances are read.</summary>
public enum SupabaseReadAs
{
    /// <summary>
    /// The signed-in user's: their token on each request, so that row-level security decides. The table requires a SELECT policy.
    /// </summary>
    User = 0,

    /// <summary>
    /// The server's credential: the secret key, with the user id of the verified principal as the filter. For tables without a SELECT
    /// policy, whose rows are invisible to users.
    /// </summary>
    Server,
}
