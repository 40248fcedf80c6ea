namespace SessionRecovery.Supabase.AspNetCore.Tokens.Internal;

/// <summary>
/// Compares the texts of tokens. Two texts are equal only if all characters are equal. The hash is computed from the last characters only,
/// which belong to the signature, because a hash of the whole text takes longer than all other work of the token cache.
/// </summary>
/// <remarks>
/// The hash of a string is seeded with a random number of the process. A client can therefore not choose the bucket of a token, and texts
/// are compared only if their hashes are equal.
/// </remarks>
internal sealed class TokenTextComparer : IEqualityComparer<string>, IAlternateEqualityComparer<ReadOnlySpan<char>, string>
{
    private const int HashedLength = 16;

    public static TokenTextComparer Instance { get; } = new();

    public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.Ordinal);

    public bool Equals(ReadOnlySpan<char> alternate, string other) => alternate.SequenceEqual(other);

    public int GetHashCode(string obj) => GetHashCode(obj.AsSpan());

    public int GetHashCode(ReadOnlySpan<char> alternate) =>
        string.GetHashCode(alternate[Math.Max(0, alternate.Length - HashedLength)..]);

    public string Create(ReadOnlySpan<char> alternate) => alternate.ToString();
}
