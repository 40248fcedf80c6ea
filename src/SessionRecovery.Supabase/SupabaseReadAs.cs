namespace SessionRecovery.Supabase;

/// <summary>The rights with which balances are read.</summary>
public enum SupabaseReadAs
{
    /// <summary>
    /// The signed-in user's rights: each request contains the user's token, so that row-level security applies. The table requires a SELECT
    /// policy.
    /// </summary>
    User = 0,

    /// <summary>
    /// The server's rights: each request contains the secret key, and filters by the user id of the verified principal. Use it for a table
    /// without a SELECT policy, whose rows are invisible to users.
    /// </summary>
    Server,
}
