namespace SessionRecovery.Supabase.Internal;

/// <summary>What the host switched on, so that a missing secret key is named together with what needs it.</summary>
internal sealed class SupabaseFeatures
{
    public bool Ledger { get; set; }

    public bool Files { get; set; }

    public IEnumerable<string> NeedSecretKey(SupabaseOptions options)
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
            yield return "SupabaseOptions.ReadAs = Server";
        }
    }
}
