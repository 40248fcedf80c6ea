namespace SessionRecovery.Supabase.Setup.Internal;

/// <summary>
/// Records which <c>Use…</c> and <c>Add…</c> methods the host called. Some startup checks and messages depend on the combination of these
/// calls.
/// </summary>
internal sealed class SupabaseFeatures
{
    /// <summary>Gets or sets a value that indicates whether <c>UseSupabase()</c> was called.</summary>
    public bool Connection { get; set; }

    /// <summary>Gets or sets a value that indicates whether <c>UseSupabaseLedger()</c> was called.</summary>
    public bool Ledger { get; set; }

    /// <summary>Gets or sets a value that indicates whether <c>AddSupabaseFiles()</c> was called.</summary>
    public bool Files { get; set; }

    /// <summary>Returns the host's calls and options that require the secret key.</summary>
    public IEnumerable<string> GetSecretKeyUsers(SupabaseOptions options)
    {
        if (Ledger)
        {
            yield return "UseSupabaseLedger()";
        }

        if (Files)
        {
            yield return "AddSupabaseFiles()";
        }

        if (options.ReadAs == SupabaseReadAs.Server)
        {
            yield return "ReadAs = Server";
        }
    }
}
