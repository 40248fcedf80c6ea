using System.Collections.Frozen;

namespace SessionRecovery.Files.Internal;

/// <summary>The allowed types, each with the signature of its first bytes.</summary>
internal static class FileTypes
{
    /// <summary>The number of first bytes that <see cref="FileType.Matches"/> inspects.</summary>
    public const int SignatureLength = 12;

    private static readonly FileType Wav = new("audio/wav", ".wav", static bytes => IsAt(bytes, 0, "RIFF"u8) && IsAt(bytes, 8, "WAVE"u8));
    private static readonly FileType Mp3 = new("audio/mpeg", ".mp3", IsMp3);
    private static readonly FileType Ogg = new("audio/ogg", ".ogg", static bytes => IsAt(bytes, 0, "OggS"u8));
    private static readonly FileType Flac = new("audio/flac", ".flac", static bytes => IsAt(bytes, 0, "fLaC"u8));
    private static readonly FileType Mp4 = new("audio/mp4", ".m4a", static bytes => IsAt(bytes, 4, "ftyp"u8));
    private static readonly FileType Png = new(
        "image/png", ".png", static bytes => IsAt(bytes, 0, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]));
    private static readonly FileType Jpeg = new("image/jpeg", ".jpg", static bytes => IsAt(bytes, 0, [0xFF, 0xD8, 0xFF]));
    private static readonly FileType WebP = new(
        "image/webp", ".webp", static bytes => IsAt(bytes, 0, "RIFF"u8) && IsAt(bytes, 8, "WEBP"u8));

    private static readonly FrozenDictionary<string, FileType> ByName = new Dictionary<string, FileType>(StringComparer.OrdinalIgnoreCase)
    {
        ["audio/wav"] = Wav,
        ["audio/wave"] = Wav,
        ["audio/x-wav"] = Wav,
        ["audio/vnd.wave"] = Wav,
        ["audio/mpeg"] = Mp3,
        ["audio/mp3"] = Mp3,
        ["audio/ogg"] = Ogg,
        ["audio/opus"] = Ogg,
        ["application/ogg"] = Ogg,
        ["audio/flac"] = Flac,
        ["audio/x-flac"] = Flac,
        ["audio/mp4"] = Mp4,
        ["audio/x-m4a"] = Mp4,
        ["image/png"] = Png,
        ["image/jpeg"] = Jpeg,
        ["image/webp"] = WebP,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Returns the type that a content type names, ignoring its parameters; <see langword="null"/> if it is not allowed.</summary>
    public static FileType? Find(string contentType)
    {
        var parameters = contentType.IndexOf(';', StringComparison.Ordinal);
        var name = parameters < 0 ? contentType : contentType[..parameters];
        return ByName.GetValueOrDefault(name.Trim());
    }

    private static bool IsMp3(ReadOnlySpan<byte> bytes) =>
        IsAt(bytes, 0, "ID3"u8) || (bytes is [0xFF, var second, ..] && (second & 0xE0) == 0xE0);

    private static bool IsAt(ReadOnlySpan<byte> bytes, int offset, ReadOnlySpan<byte> expected) =>
        bytes.Length >= offset + expected.Length && bytes.Slice(offset, expected.Length).SequenceEqual(expected);
}
