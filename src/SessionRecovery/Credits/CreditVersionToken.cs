using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

/// <summary>
/// Represents the highest version of a balance that a client has seen. The server never returns an older balance to that client (monotonic
/// reads). In the header <c>Credits-Version</c>, the token has the form <c>&lt;tag&gt;.&lt;version&gt;</c>. The tag is a short hash of the
/// user, the session's properties and the store incarnation. If the tag of a token differs from the expected tag, the token has no effect.
/// This is the case for a token of another user, and for a token from before a database was restored.
/// </summary>
public readonly record struct CreditVersionToken : IParsable<CreditVersionToken>
{
    private const int TagBytes = 9;
    private const int TagLength = 12;

    private CreditVersionToken(string tag, long version)
    {
        Tag = tag;
        Version = version;
    }

    /// <summary>
    /// Gets the hash of the user, the properties and the store incarnation; <see langword="null"/> for the default value.
    /// </summary>
    public string? Tag { get; }

    /// <summary>Gets the version, which is never negative.</summary>
    public long Version { get; }

    /// <summary>Creates the token for a client that has seen <paramref name="balance"/>.</summary>
    /// <param name="session">The client's session.</param>
    /// <param name="balance">The balance.</param>
    /// <returns>The token; <see langword="null"/> for a balance without a version.</returns>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="session"/> or <paramref name="balance"/> is <see langword="null"/>.
    /// </exception>
    public static CreditVersionToken? Create(UserSession session, CreditBalance balance)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(balance);
        return balance.Version is { } version ? new CreditVersionToken(GetTag(session, balance.Incarnation), version) : null;
    }

    /// <summary>Parses a token from the text of the header <c>Credits-Version</c>.</summary>
    /// <param name="s">The text to parse.</param>
    /// <param name="provider">Not used, because the text is culture-invariant.</param>
    /// <returns>The token.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="s"/> is <see langword="null"/>.</exception>
    /// <exception cref="FormatException"><paramref name="s"/> is not a version token.</exception>
    public static CreditVersionToken Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return TryParse(s, provider, out var token) ? token : throw new FormatException("A version token has the form <tag>.<version>.");
    }

    /// <summary>Parses a token from the text of the header <c>Credits-Version</c>.</summary>
    /// <param name="s">The text to parse.</param>
    /// <param name="provider">Not used, because the text is culture-invariant.</param>
    /// <param name="result">The token, if the text is a valid version token.</param>
    /// <returns><see langword="true"/> if <paramref name="s"/> is a valid version token.</returns>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out CreditVersionToken result)
    {
        result = default;
        if (s is null || s.Length is <= TagLength + 1 or > TagLength + 1 + 19 || s[TagLength] != '.')
        {
            return false;
        }

        var tag = s.AsSpan(0, TagLength);
        foreach (var character in tag)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_'))
            {
                return false;
            }
        }

        if (!long.TryParse(s.AsSpan(TagLength + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            return false;
        }

        result = new CreditVersionToken(tag.ToString(), version);
        return true;
    }

    /// <summary>Returns whether a client with this token may receive <paramref name="balance"/>.</summary>
    /// <param name="session">The client's session.</param>
    /// <param name="balance">The balance.</param>
    /// <returns>
    /// <see langword="false"/> if the client has already seen a later balance: the token has the user and the properties of the session and
    /// the incarnation of the balance, and its version is greater than the version of the balance. In all other cases
    /// <see langword="true"/>.
    /// </returns>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="session"/> or <paramref name="balance"/> is <see langword="null"/>.
    /// </exception>
    public bool Allows(UserSession session, CreditBalance balance)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(balance);
        return Tag is null
            || balance.Version is not { } version
            || version >= Version
            || !string.Equals(Tag, GetTag(session, balance.Incarnation), StringComparison.Ordinal);
    }

    /// <summary>Returns the text of the token for the header <c>Credits-Version</c>.</summary>
    /// <returns>The text of the token, or an empty string for the default value.</returns>
    public override string ToString() => Tag is null ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"{Tag}.{Version}");

    private static string GetTag(UserSession session, string? incarnation)
    {
        var source = Encoding.UTF8.GetBytes($"{incarnation}\n{session.User.Value}\n{session.PropertiesKey}");
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(source, hash);
        return Base64Url.EncodeToString(hash[..TagBytes]);
    }
}
