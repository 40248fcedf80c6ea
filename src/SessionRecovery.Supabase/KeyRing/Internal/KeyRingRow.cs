namespace SessionRecovery.Supabase.KeyRing.Internal;

/// <summary>A row of the key ring. A class and not a record, because a record's ToString would show the key.</summary>
internal sealed class KeyRingRow
{
    public string? Name { get; set; }

    public string? Xml { get; set; }
}
