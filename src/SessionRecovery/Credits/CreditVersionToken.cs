using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

/// <summary>
/// The highest version a client was told: below it no number is given. On the wire <c>&lt;tag&gt;.&lt;version&gt;</c>, where the tag
/// is a short hash of user and store incarnation, so that a versionToken of another user or of a database before its restore is ignored.
/// </summary>
public readonly record struct CreditVersionToken
{
    private const int TagBytes = 9;
    private const int TagLength = 12;

    private CreditVersionToken(string tag, long version)
    {
        Tag = tag;
        Version = version;
    }

    /// <summary>Names user and store incarnation, without telling either.</summary>
    public string? Tag { get; }

    /// <summary>The version; 0 or more.</summary>
    public long Version { get; }

    /// <summary>The versionToken that a client has once it was told this balance; <see langword="null"/> for a balance without a version.</summary>
    public static CreditVersionToken? Of(UserId user, CreditBalance balance)
    {
        ArgumentNullException.ThrowIfNull(balance);
        return balance.Version is { } version ? new CreditVersionToken(GetTag(user, balance.Incarnation), version) : null;
    }

    /// <summary>Reads a versionToken from its wire form; <see langword="false"/> when <paramref name="text"/> is no versionToken.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out CreditVersionToken versionToken)
    {
        versionToken = default;
        if (text is null || text.Length is <= TagLength + 1 or > TagLength + 1 + 19 || text[TagLength] != '.')
        {
            return false;
        }

        var tag = text.AsSpan(0, TagLength);
        foreach (var character in tag)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_'))
            {
                return false;
            }
        }

        if (!long.TryParse(text.AsSpan(TagLength + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            return false;
        }

        versionToken = new CreditVersionToken(tag.ToString(), version);
        return true;
    }

    /// <summary>Whether a client with this versionToken may be told the balance: it is as new, or the versionToken is about something else.</summary>
    public bool Allows(UserId user, CreditBalance balance)
    {
        ArgumentNullException.ThrowIfNull(balance);
        return Tag is null
            || balance.Version is not { } version
            || version >= Version
            || !string.Equals(Tag, GetTag(user, balance.Incarnation), StringComparison.Ordinal);
    }

    /// <summary>The wire form.</summary>
    public override string ToString() => Tag is null ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"{Tag}.{Version}");

    private static string GetTag(UserId user, string? incarnation)
    {
        var source = Encoding.UTF8.GetBytes($"{incarnation}\n{user.Value}");
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(source, hash);
        return Base64Url.EncodeToString(hash[..TagBytes]);
    }
}
