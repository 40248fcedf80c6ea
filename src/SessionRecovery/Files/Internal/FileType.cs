namespace SessionRecovery.Files.Internal;

/// <summary>An allowed type: its canonical name, its extension, and the test for its first bytes.</summary>
internal sealed record FileType(string ContentType, string Extension, FileType.Signature Matches)
{
    public delegate bool Signature(ReadOnlySpan<byte> firstBytes);
}
