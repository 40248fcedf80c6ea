using System.Text;

namespace SessionRecovery.Files.Internal;

/// <summary>Detects files in the ISO base media format, such as MP4, M4A, 3GP, QuickTime, HEIC and AVIF.</summary>
internal static class IsoMedia
{
    private const int BrandsStart = 16;

    /// <summary>
    /// Returns a value that indicates whether the bytes begin with a file type box. The length of the box begins with a zero byte, which
    /// does not occur in text.
    /// </summary>
    public static bool Matches(ReadOnlySpan<byte> bytes) => bytes.Length >= 12 && bytes[0] == 0 && bytes[4..].StartsWith("ftyp"u8);

    /// <summary>
    /// Returns the content type and an alternative content type. If the first bytes do not contain the tracks of the file, the type that
    /// the client declared may select the alternative.
    /// </summary>
    public static (FileType Type, FileType? Alternative) Detect(ReadOnlySpan<byte> bytes)
    {
        var brand = Encoding.Latin1.GetString(bytes.Slice(8, 4));
        switch (brand)
        {
            case "avif" or "avis":
                return (FileTypes.Avif, null);
            case "heic" or "heix" or "heim" or "heis" or "hevc" or "hevx" or "hevm" or "hevs":
                return (FileTypes.Heic, null);
            case "mif1" or "msf1" or "mif2":
                return (DetectImage(bytes), null);
            case "M4A " or "M4B " or "M4P ":
                return (FileTypes.Mp4, null);
        }

        var (hasSound, hasPicture) = FindTracks(bytes);
        return brand switch
        {
            "qt  " => hasSound && !hasPicture ? (FileTypes.Mp4, null) : (FileTypes.QuickTime, null),
            _ when brand.StartsWith("M4V", StringComparison.Ordinal) => (FileTypes.Mp4Video, null),
            _ when brand.StartsWith("3g2", StringComparison.Ordinal) =>
                Choose(FileTypes.ThreeGpp2, FileTypes.ThreeGpp2Video, hasSound, hasPicture),
            _ when brand.StartsWith("3g", StringComparison.Ordinal) =>
                Choose(FileTypes.ThreeGpp, FileTypes.ThreeGppVideo, hasSound, hasPicture),
            _ => Choose(FileTypes.Mp4, FileTypes.Mp4Video, hasSound, hasPicture),
        };
    }

    private static (FileType Type, FileType? Alternative) Choose(FileType sound, FileType picture, bool hasSound, bool hasPicture) =>
        (hasSound, hasPicture) switch
        {
            (_, true) => (picture, null),
            (true, false) => (sound, null),
            (false, false) => (sound, picture),
        };

    private static FileType DetectImage(ReadOnlySpan<byte> bytes)
    {
        var end = Math.Min(bytes.Length, (bytes[2] << 8) | bytes[3]);
        for (var at = BrandsStart; at + 4 <= end; at += 4)
        {
            var compatible = bytes.Slice(at, 4);
            if (compatible.SequenceEqual("avif"u8) || compatible.SequenceEqual("avis"u8))
            {
                return FileTypes.Avif;
            }

            if (compatible.SequenceEqual("heic"u8) || compatible.SequenceEqual("heix"u8))
            {
                return FileTypes.Heic;
            }
        }

        return FileTypes.Heif;
    }

    /// <summary>Finds the handler type of each track, which follows the box name, 4 bytes of flags and 4 reserved bytes.</summary>
    private static (bool HasSound, bool HasPicture) FindTracks(ReadOnlySpan<byte> bytes)
    {
        var (hasSound, hasPicture) = (false, false);
        for (int found; (found = bytes.IndexOf("hdlr"u8)) >= 0; bytes = bytes[(found + 4)..])
        {
            if (bytes.Length >= found + 16)
            {
                hasSound |= bytes.Slice(found + 12, 4).SequenceEqual("soun"u8);
                hasPicture |= bytes.Slice(found + 12, 4).SequenceEqual("vide"u8);
            }
        }

        return (hasSound, hasPicture);
    }
}
