using System.Text;

namespace SessionRecovery.Files.Internal;

/// <summary>Detects text files and the text formats that a browser would run as script.</summary>
internal static class TextFormats
{
    private const int HeadLength = 1024;

    /// <summary>Returns the type of a text file, or <see langword="null"/> if the bytes are not text.</summary>
    public static FileType? Detect(ReadOnlySpan<byte> bytes)
    {
        var head = bytes[..Math.Min(bytes.Length, HeadLength)];
        if (Decode(head) is not { } text)
        {
            return null;
        }

        text = text.TrimStart();
        if (text.StartsWith("#!", StringComparison.Ordinal))
        {
            return FileTypes.Script;
        }

        if (text.Length < 2 || text[0] != '<' || !(char.IsAsciiLetter(text[1]) || text[1] is '!' or '?'))
        {
            return FileTypes.PlainText;
        }

        return Contains(text, "<svg") && !Contains(text, "<html") ? FileTypes.Svg
            : Contains(text, "<?xml") && !Contains(text, "<html") && !Contains(text, "<script") ? FileTypes.Xml
            : FileTypes.Html;
    }

    private static string? Decode(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith<byte>([0xFF, 0xFE]))
        {
            return Encoding.Unicode.GetString(head[2..]);
        }

        if (head.StartsWith<byte>([0xFE, 0xFF]))
        {
            return Encoding.BigEndianUnicode.GetString(head[2..]);
        }

        foreach (var value in head)
        {
            if (value < 0x20 && value is not (0x09 or 0x0A or 0x0C or 0x0D or 0x1B))
            {
                return null;
            }
        }

        return Encoding.Latin1.GetString(head.StartsWith<byte>([0xEF, 0xBB, 0xBF]) ? head[3..] : head);
    }

    private static bool Contains(string text, string part) => text.Contains(part, StringComparison.OrdinalIgnoreCase);
}
