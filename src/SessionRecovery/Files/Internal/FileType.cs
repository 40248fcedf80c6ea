namespace SessionRecovery.Files.Internal;

/// <summary>One allowed type: its canonical name, its extension, and how its bytes begin.</summary>
internal sealed record FileType(string ContentType, string Extension, FileType.Signature Begins)
{
    public delegate bool Signature(ReadOnlySpan<byte> bytes);
}
