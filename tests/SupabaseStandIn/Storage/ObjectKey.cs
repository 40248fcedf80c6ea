namespace SupabaseStandIn.Storage;

/// <summary>Bucket and name in a path, decoded; and which names Storage takes.</summary>
internal readonly record struct ObjectKey(string Bucket, string Name)
{
    private const string Marks = "_/!.*'() &$=@;:+,?-";

    /// <exception cref="StorageError">There is no name.</exception>
    public static ObjectKey Parse(string path)
    {
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        return slash <= 0 ? throw StorageError.Request("The path names no object", "Not Found")
            : slash == path.Length - 1 ? throw StorageError.InvalidKey(string.Empty)
            : new ObjectKey(Uri.UnescapeDataString(path[..slash]), Uri.UnescapeDataString(path[(slash + 1)..]));
    }

    /// <exception cref="StorageError">The name has a character that is not allowed, or climbs.</exception>
    public void Check()
    {
        if (Name.Length == 0
            || Name.Any(static character => !char.IsAsciiLetterOrDigit(character) && !Marks.Contains(character, StringComparison.Ordinal))
            || Name.Split('/').Any(static part => part is "." or ".."))
        {
            throw StorageError.InvalidKey(Name);
        }
    }
}
