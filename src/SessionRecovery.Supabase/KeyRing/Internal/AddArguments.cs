namespace SessionRecovery.Supabase.KeyRing.Internal;

/// <summary>
/// Represents the arguments of <c>add_key_ring_element</c>. The type is a class and not a record, because the ToString method of a record
/// would return the key.
/// </summary>
internal sealed class AddArguments(string name, string xml)
{
    public string PName => name;

    public string PXml => xml;
}
