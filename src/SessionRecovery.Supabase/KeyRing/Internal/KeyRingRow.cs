namespace SessionRecovery.Supabase.KeyRing.Internal;

/// <summary>
/// Represents a row of the key ring. The type is a class and not a record, because the ToString method of a record would return the key.
/// </summary>
internal sealed class KeyRingRow
{
    public string? Name { get; set; }

    public string? Xml { get; set; }
}
