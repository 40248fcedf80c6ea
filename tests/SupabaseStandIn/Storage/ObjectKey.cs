namespace SupabaseStandIn.Storage;

/// <summary>Represents the decoded bucket and object name of a request path.</summary>
internal readonly record struct ObjectKey(string Bucket, string Name)
{
    private const string Marks = "_/!.*'() &$=@;:+,?-";

    /// <exception cref="StorageError">The path contains no object name.</exception>
    public static ObjectKey Parse(string path)
    {
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        return slash <= 0 ? throw StorageError.Request("The path names no object", "Not Found")
            : slash == path.Length - 1 ? throw StorageError.InvalidKey(string.Empty)
            : new ObjectKey(Uri.UnescapeDataString(path[..slash]), Uri.UnescapeDataString(path[(slash + 1)..]));
    }

    /// <exception cref="StorageError">The name contains an invalid character or a <c>..</c> segment.</exception>
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
