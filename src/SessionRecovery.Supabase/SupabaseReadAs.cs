namespace SessionRecovery.Supabase;

/// <summary>Specifies whose permissions are used to read balances.</summary>
public enum SupabaseReadAs
{
    /// <summary>
    /// Balances are read with the permissions of the signed-in user. Each request contains the user's token, so that row-level security
    /// applies. The table requires a SELECT policy.
    /// </summary>
    User = 0,

    /// <summary>
    /// Balances are read with the permissions of the server. Each request contains the secret key and selects the row by the user id of the
    /// verified principal. Use this value for a table without a SELECT policy, whose rows users cannot read.
    /// </summary>
    Server,
}
