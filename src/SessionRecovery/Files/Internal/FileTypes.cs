using System.Collections.Frozen;

namespace SessionRecovery.Files.Internal;

/// <summary>
/// Lists the content types that can be detected from first bytes, the alternative names that clients send for them, and the accepted types.
/// </summary>
internal static class FileTypes
{
    public static readonly FileType Wav = new("audio/wav", ".wav");
    public static readonly FileType Mp3 = new("audio/mpeg", ".mp3");
    public static readonly FileType Ogg = new("audio/ogg", ".ogg");
    public static readonly FileType WebM = new("audio/webm", ".webm");
    public static readonly FileType Flac = new("audio/flac", ".flac");
    public static readonly FileType Mp4 = new("audio/mp4", ".m4a");
    public static readonly FileType Aac = new("audio/aac", ".aac");
    public static readonly FileType Aiff = new("audio/aiff", ".aiff");
    public static readonly FileType Caf = new("audio/x-caf", ".caf");
    public static readonly FileType Amr = new("audio/amr", ".amr");
    public static readonly FileType AmrWideband = new("audio/amr-wb", ".awb");
    public static readonly FileType ThreeGpp = new("audio/3gpp", ".3gp");
    public static readonly FileType ThreeGpp2 = new("audio/3gpp2", ".3g2");
    public static readonly FileType Matroska = new("audio/x-matroska", ".mka");
    public static readonly FileType Midi = new("audio/midi", ".mid");
    public static readonly FileType Sun = new("audio/basic", ".au");
    public static readonly FileType Png = new("image/png", ".png");
    public static readonly FileType Jpeg = new("image/jpeg", ".jpg");
    public static readonly FileType WebP = new("image/webp", ".webp");
    public static readonly FileType Gif = new("image/gif", ".gif");
    public static readonly FileType Avif = new("image/avif", ".avif");
    public static readonly FileType Heic = new("image/heic", ".heic");
    public static readonly FileType Heif = new("image/heif", ".heif");
    public static readonly FileType Tiff = new("image/tiff", ".tiff");
    public static readonly FileType Bmp = new("image/bmp", ".bmp");
    public static readonly FileType Svg = new("image/svg+xml", ".svg");
    public static readonly FileType Mp4Video = new("video/mp4", ".mp4");
    public static readonly FileType WebMVideo = new("video/webm", ".webm");
    public static readonly FileType OggVideo = new("video/ogg", ".ogv");
    public static readonly FileType QuickTime = new("video/quicktime", ".mov");
    public static readonly FileType ThreeGppVideo = new("video/3gpp", ".3gp");
    public static readonly FileType ThreeGpp2Video = new("video/3gpp2", ".3g2");
    public static readonly FileType MatroskaVideo = new("video/x-matroska", ".mkv");
    public static readonly FileType Avi = new("video/x-msvideo", ".avi");
    public static readonly FileType AdvancedSystems = new("video/x-ms-asf", ".asf");
    public static readonly FileType Pdf = new("application/pdf", ".pdf");
    public static readonly FileType Zip = new("application/zip", ".zip");
    public static readonly FileType Gzip = new("application/gzip", ".gz");
    public static readonly FileType Xml = new("application/xml", ".xml");
    public static readonly FileType Html = new("text/html", ".html");
    public static readonly FileType Script = new("text/x-shellscript", ".sh");
    public static readonly FileType PlainText = new("text/plain", ".txt");
    public static readonly FileType WindowsProgram = new("application/vnd.microsoft.portable-executable", ".exe");
    public static readonly FileType UnixProgram = new("application/x-elf", ".elf");
    public static readonly FileType Unknown = new("application/octet-stream", ".bin");

    /// <summary>The content types that are accepted by default.</summary>
    public static readonly FileType[] Defaults =
    [
        Wav, Mp3, Ogg, WebM, Flac, Mp4, Aac, Aiff, Caf, Amr, AmrWideband, ThreeGpp, ThreeGpp2, Png, Jpeg, WebP, Gif, Avif, Heic, Heif,
    ];

    private static readonly FrozenDictionary<string, FileType> ByName = CreateNames();

    /// <summary>
    /// Returns the file type with the given content type, which must have no parameters. Returns <see langword="null"/> if the content type
    /// is unknown.
    /// </summary>
    public static FileType? Find(string mediaType) => ByName.GetValueOrDefault(mediaType);

    private static FrozenDictionary<string, FileType> CreateNames()
    {
        FileType[] all =
        [
            .. Defaults, Matroska, Midi, Sun, Tiff, Bmp, Svg, Mp4Video, WebMVideo, OggVideo, QuickTime, ThreeGppVideo, ThreeGpp2Video,
            MatroskaVideo, Avi, AdvancedSystems, Pdf, Zip, Gzip, Xml, Html, Script, PlainText, WindowsProgram, UnixProgram,
        ];
        (FileType Type, string[] Names)[] aliases =
        [
            (Wav, ["audio/wave", "audio/x-wav", "audio/x-pn-wav", "audio/vnd.wave", "application/x-wav"]),
            (Mp3, ["audio/mp3", "audio/x-mp3", "audio/x-mpeg", "audio/mpeg3", "audio/x-mpeg-3"]),
            (Ogg, ["audio/opus", "audio/vorbis", "audio/x-ogg", "application/ogg", "application/x-ogg"]),
            (Flac, ["audio/x-flac", "application/x-flac"]),
            (Mp4, ["audio/x-m4a", "audio/m4a", "audio/mp4a-latm", "audio/x-mp4", "audio/m4b", "audio/x-m4b", "application/mp4"]),
            (Aac, ["audio/x-aac", "audio/aacp", "audio/x-hx-aac-adts"]),
            (Aiff, ["audio/x-aiff", "audio/aif", "audio/x-aif"]),
            (Caf, ["audio/caf", "application/x-caf"]),
            (Amr, ["audio/x-amr"]),
            (Midi, ["audio/mid", "audio/x-midi"]),
            (Jpeg, ["image/jpg", "image/pjpeg"]),
            (Png, ["image/x-png"]),
            (Mp4Video, ["video/x-m4v", "video/m4v"]),
            (Avi, ["video/avi", "video/msvideo"]),
            (Pdf, ["application/x-pdf"]),
            (Zip, ["application/x-zip-compressed"]),
            (Gzip, ["application/x-gzip"]),
            (Xml, ["text/xml"]),
            (Html, ["application/xhtml+xml"]),
        ];
        var names = all.ToDictionary(static type => type.ContentType, StringComparer.OrdinalIgnoreCase);
        foreach (var (type, others) in aliases)
        {
            foreach (var other in others)
            {
                names.Add(other, type);
            }
        }

        return names.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }
}
