namespace SessionRecovery.Files.Internal;

/// <summary>Detects the content type of a file from its first bytes.</summary>
internal static class FileSignatures
{
    /// <summary>
    /// Returns the content type that the bytes show, or <see cref="FileTypes.Unknown"/>. The alternative is another content type that uses
    /// the same container format. If the first bytes do not contain the tracks of the file, the type that the client declared may select
    /// the alternative.
    /// </summary>
    public static (FileType Type, FileType? Alternative) Detect(ReadOnlySpan<byte> bytes)
    {
        if (IsoMedia.Matches(bytes))
        {
            return IsoMedia.Detect(bytes);
        }

        if (bytes.StartsWith<byte>([0x1A, 0x45, 0xDF, 0xA3]))
        {
            return DetectMatroska(bytes);
        }

        if (bytes.StartsWith("OggS"u8) && IsBinaryAt(bytes, 4))
        {
            return bytes.IndexOf<byte>([0x80, .. "theora"u8]) >= 0 ? (FileTypes.OggVideo, null) : (FileTypes.Ogg, FileTypes.OggVideo);
        }

        return (DetectSound(bytes) ?? DetectImage(bytes) ?? DetectDocument(bytes) ?? TextFormats.Detect(bytes) ?? FileTypes.Unknown, null);
    }

    private static (FileType Type, FileType? Alternative) DetectMatroska(ReadOnlySpan<byte> bytes)
    {
        var isMatroska = bytes[..Math.Min(bytes.Length, 64)].IndexOf("matroska"u8) >= 0;
        var (sound, picture) = isMatroska ? (FileTypes.Matroska, FileTypes.MatroskaVideo) : (FileTypes.WebM, FileTypes.WebMVideo);

        // The codec of a track is stored as the byte 0x86, a length, and a text that begins with V_ for video or A_ for audio.
        var (hasSound, hasPicture) = (false, false);
        for (var at = 0; at + 4 <= bytes.Length; at++)
        {
            if (bytes[at] == 0x86 && bytes[at + 1] > 0x80 && bytes[at + 3] == '_')
            {
                hasSound |= bytes[at + 2] == 'A';
                hasPicture |= bytes[at + 2] == 'V';
            }
        }

        return hasPicture ? (picture, null) : (sound, hasSound ? null : picture);
    }

    private static FileType? DetectSound(ReadOnlySpan<byte> bytes)
    {
        if (IsForm(bytes, "RIFF"u8, "WAVE"u8) || IsForm(bytes, "RF64"u8, "WAVE"u8) || IsForm(bytes, "BW64"u8, "WAVE"u8)
            || IsForm(bytes, "RIFX"u8, "WAVE"u8))
        {
            return FileTypes.Wav;
        }

        if (IsForm(bytes, "FORM"u8, "AIFF"u8) || IsForm(bytes, "FORM"u8, "AIFC"u8))
        {
            return FileTypes.Aiff;
        }

        if (bytes.StartsWith("ID3"u8) && IsBinaryAt(bytes, 3))
        {
            return DetectTagged(bytes);
        }

        return bytes switch
        {
            _ when bytes.StartsWith("fLaC"u8) && IsBinaryAt(bytes, 4) => FileTypes.Flac,
            _ when bytes.StartsWith("caff"u8) && IsBinaryAt(bytes, 4) => FileTypes.Caf,
            _ when bytes.StartsWith("#!AMR-WB"u8) => FileTypes.AmrWideband,
            _ when bytes.StartsWith("#!AMR"u8) => FileTypes.Amr,
            _ when bytes.StartsWith("ADIF"u8) && !IsText(bytes) => FileTypes.Aac,
            _ when bytes.StartsWith("MThd"u8) && IsBinaryAt(bytes, 4) => FileTypes.Midi,
            _ when bytes.StartsWith(".snd"u8) && IsBinaryAt(bytes, 4) => FileTypes.Sun,
            _ => DetectFrame(bytes),
        };
    }

    /// <summary>
    /// Detects the type of a file that begins with an ID3 tag. The data after the tag is usually MP3, and sometimes AAC or FLAC. The length
    /// of the tag is in the bytes 6 to 9.
    /// </summary>
    private static FileType DetectTagged(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 10)
        {
            return FileTypes.Mp3;
        }

        var end = 10 + ((bytes[6] & 0x7F) << 21) + ((bytes[7] & 0x7F) << 14) + ((bytes[8] & 0x7F) << 7) + (bytes[9] & 0x7F);
        var sound = end < bytes.Length ? bytes[end..] : [];
        return sound.StartsWith("fLaC"u8) ? FileTypes.Flac : DetectFrame(sound) ?? FileTypes.Mp3;
    }

    /// <summary>
    /// Detects the header of an MPEG audio frame, which consists of 11 bits of 1, the version, the layer (0 for AAC), the bit rate and the
    /// sample rate. Layer I is not accepted, because a UTF-16 byte order mark looks like a layer I header.
    /// </summary>
    private static FileType? DetectFrame(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xFF, 0xF0 or 0xF1 or 0xF8 or 0xF9, ..] => FileTypes.Aac,
        [0xFF, var second, var third, ..] when (second & 0xE0) == 0xE0
            && (second & 0x18) != 0x08
            && ((second >> 1) & 3) is 1 or 2
            && third >> 4 != 0xF
            && (third & 0x0C) != 0x0C => FileTypes.Mp3,
        _ => null,
    };

    private static FileType? DetectImage(ReadOnlySpan<byte> bytes) => bytes switch
    {
        _ when bytes.StartsWith<byte>([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) => FileTypes.Png,
        _ when bytes.StartsWith<byte>([0xFF, 0xD8, 0xFF]) => FileTypes.Jpeg,
        _ when bytes.StartsWith("GIF87a"u8) || bytes.StartsWith("GIF89a"u8) => FileTypes.Gif,
        _ when IsForm(bytes, "RIFF"u8, "WEBP"u8) => FileTypes.WebP,
        _ when bytes.StartsWith("II*\0"u8) || bytes.StartsWith("MM\0*"u8) => FileTypes.Tiff,
        _ when bytes.StartsWith("BM"u8) && !IsText(bytes) => FileTypes.Bmp,
        _ => null,
    };

    private static FileType? DetectDocument(ReadOnlySpan<byte> bytes) => bytes switch
    {
        _ when bytes.StartsWith("%PDF-"u8) => FileTypes.Pdf,
        _ when IsForm(bytes, "RIFF"u8, "AVI "u8) => FileTypes.Avi,
        _ when bytes.StartsWith<byte>([0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11]) => FileTypes.AdvancedSystems,
        _ when bytes.StartsWith("PK\u0003\u0004"u8) || bytes.StartsWith("PK\u0005\u0006"u8) => FileTypes.Zip,
        _ when bytes.StartsWith<byte>([0x1F, 0x8B]) => FileTypes.Gzip,
        _ when bytes.StartsWith("MZ"u8) && !IsText(bytes) => FileTypes.WindowsProgram,
        _ when bytes.StartsWith<byte>([0x7F, 0x45, 0x4C, 0x46]) => FileTypes.UnixProgram,
        _ => null,
    };

    private static bool IsForm(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> container, ReadOnlySpan<byte> form) =>
        bytes.Length >= 12 && bytes.StartsWith(container) && bytes.Slice(8, 4).SequenceEqual(form);

    /// <summary>
    /// Returns a value that indicates whether a byte cannot be part of readable text. A byte that is not text distinguishes a binary file
    /// from a text that begins with the same letters.
    /// </summary>
    private static bool IsBinaryAt(ReadOnlySpan<byte> bytes, int offset) => bytes.Length > offset && bytes[offset] is < 0x09 or >= 0x80;

    private static bool IsText(ReadOnlySpan<byte> bytes) => TextFormats.Detect(bytes) is not null;
}
