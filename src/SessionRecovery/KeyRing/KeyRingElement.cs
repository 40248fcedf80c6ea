namespace SessionRecovery.KeyRing;

/// <summary>
/// Represents one element of a key ring, which is a key or a revocation. <see cref="Xml"/> is a secret unless the host encrypts its keys.
/// The type is immutable.
/// </summary>
public sealed class KeyRingElement
{
    /// <summary>The maximum length of a name, in characters.</summary>
    public const int MaxNameLength = 200;

    /// <summary>The maximum length of the XML, in characters.</summary>
    public const int MaxXmlLength = 64 * 1024;

    private KeyRingElement(string name, string xml) => (Name, Xml) = (name, xml);

    /// <summary>Gets the name, which is unique within a key ring and is not a secret.</summary>
    public string Name { get; }

    /// <summary>Gets the XML of the element.</summary>
    public string Xml { get; }

    /// <summary>Creates an element.</summary>
    /// <param name="name">A name of 1 to 200 characters.</param>
    /// <param name="xml">The XML, 1 to 65,536 characters.</param>
    /// <returns>The element.</returns>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="name"/> or <paramref name="xml"/> is <see langword="null"/>.
    /// </exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> or <paramref name="xml"/> is outside its limits.</exception>
    public static KeyRingElement Create(string name, string xml)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(xml);
        return name.Length <= MaxNameLength && xml.Length <= MaxXmlLength
            ? new KeyRingElement(name, xml)
            : throw new ArgumentException(
                $"An element of a key ring has a name of at most {MaxNameLength} and XML of at most {MaxXmlLength} characters.");
    }

    /// <summary>Returns the name. The XML is not part of the result, because the XML may be a secret.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => Name;
}
