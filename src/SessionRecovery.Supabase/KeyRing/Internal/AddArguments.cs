namespace SessionRecovery.Supabase.KeyRing.Internal;

/// <summary>
/// The arguments of <c>add_key_ring_element</c>. A class and not a record, because a record's ToString would show the key.
/// </summary>
internal sealed class AddArguments(string name, string xml)
{
    public string PName => name;

    public string PXml => xml;
}
