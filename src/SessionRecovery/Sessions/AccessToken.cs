using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace SessionRecovery.Sessions;

/// <summary>
/// Represents a bearer token (RFC 6750) of 1 to 16,384 visible ASCII characters. The token is a secret, so <see cref="ToString"/> never
/// returns it. The type is immutable.
/// </summary>
public sealed class AccessToken : IEquatable<AccessToken>, IParsable<AccessToken>
{
    /// <summary>The maximum length of a token, in characters.</summary>
    public const int MaxLength = 16 * 1024;

    private readonly string _value;

    private AccessToken(string value) => _value = value;

    /// <summary>Creates a token.</summary>
    /// <param name="value">The text of the token, which has 1 to 16,384 visible ASCII characters.</param>
    /// <returns>The token.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="value"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="value"/> is not a valid token.</exception>
    public static AccessToken Create(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return TryParse(value, null, out var token)
            ? token
            : throw new ArgumentException($"An access token has 1 to {MaxLength} visible ASCII characters.", nameof(value));
    }

    /// <summary>Parses a token.</summary>
    /// <param name="s">The text to parse.</param>
    /// <param name="provider">Not used.</param>
    /// <returns>The token.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="s"/> is <see langword="null"/>.</exception>
    /// <exception cref="FormatException"><paramref name="s"/> is not a valid token.</exception>
    public static AccessToken Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return TryParse(s, provider, out var token)
            ? token
            : throw new FormatException($"An access token has 1 to {MaxLength} visible ASCII characters.");
    }

    /// <summary>Parses a token.</summary>
    /// <param name="s">The text to parse.</param>
    /// <param name="provider">Not used.</param>
    /// <param name="result">The token, if the text is a valid token.</param>
    /// <returns><see langword="true"/> if <paramref name="s"/> is a valid token.</returns>
    public static bool TryParse(
        [NotNullWhen(true)] string? s, IFormatProvider? provider, [NotNullWhen(true), MaybeNullWhen(false)] out AccessToken result)
    {
        result = !string.IsNullOrEmpty(s) && s.Length <= MaxLength && !s.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? new AccessToken(s)
            : null;
        return result is not null;
    }

    /// <summary>Returns the secret text of the token. Use this method only to send the token in a request.</summary>
    /// <returns>The text of the token.</returns>
    public string Reveal() => _value;

    /// <inheritdoc />
    public bool Equals(AccessToken? other) => other is not null && string.Equals(_value, other._value, StringComparison.Ordinal);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as AccessToken);

    /// <inheritdoc />
    public override int GetHashCode() => _value.GetHashCode(StringComparison.Ordinal);

    /// <summary>Returns a fixed text instead of the token, because the token must not appear in logs.</summary>
    /// <returns>The text <c>[access token]</c>.</returns>
    public override string ToString() => "[access token]";

    /// <summary>Returns the SHA-256 of the token, which distinguishes tokens without storing them.</summary>
    internal string Fingerprint() => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(_value)));
}
