using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace SessionRecovery.Sessions;

/// <summary>A bearer token of 1 to 16,384 characters. A secret: <see cref="ToString"/> never shows it.</summary>
public sealed class AccessToken : IEquatable<AccessToken>
{
    /// <summary>The longest token, in characters.</summary>
    public const int MaxLength = 16 * 1024;

    private readonly string _value;

    private AccessToken(string value) => _value = value;

    /// <summary>Creates a token.</summary>
    /// <exception cref="ArgumentException"><paramref name="value"/> is empty, too long, or holds white space or control characters.</exception>
    public static AccessToken Create(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return TryCreate(value, out var token)
            ? token
            : throw new ArgumentException($"An access token has 1 to {MaxLength} visible ASCII characters.", nameof(value));
    }

    /// <summary>Creates a token, or answers <see langword="false"/> when <paramref name="value"/> can't be one.</summary>
    public static bool TryCreate([NotNullWhen(true)] string? value, [NotNullWhen(true)] out AccessToken? token)
    {
        token = !string.IsNullOrEmpty(value) && value.Length <= MaxLength && !value.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? new AccessToken(value)
            : null;
        return token is not null;
    }

    /// <summary>The secret itself, for the one request that needs it.</summary>
    public string Reveal() => _value;

    /// <summary>The SHA-256 of the secret, for telling tokens apart without keeping them.</summary>
    internal string Fingerprint() => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(_value)));

    /// <inheritdoc />
    public bool Equals(AccessToken? other) => other is not null && string.Equals(_value, other._value, StringComparison.Ordinal);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as AccessToken);

    /// <inheritdoc />
    public override int GetHashCode() => _value.GetHashCode(StringComparison.Ordinal);

    /// <summary>Always <c>[access token]</c>.</summary>
    public override string ToString() => "[access token]";
}
