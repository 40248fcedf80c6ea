using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SessionRecovery.Sessions;

/// <summary>
/// Represents the identifier of a signed-in user, which has 1 to 256 characters of well-formed text. Identifiers are compared by ordinal
/// value. An identifier comes only from a verified principal.
/// </summary>
/// <remarks><see cref="ToString"/> returns a stable pseudonym, so that logs do not contain the identifier.</remarks>
public readonly record struct UserId : IParsable<UserId>
{
    /// <summary>The maximum length of an identifier, in characters.</summary>
    public const int MaxLength = 256;

    private readonly string? _value;

    private UserId(string value) => _value = value;

    /// <summary>Gets the identifier.</summary>
    /// <exception cref="InvalidOperationException">The value is <c>default(UserId)</c>.</exception>
    public string Value => _value ?? throw new InvalidOperationException("default(UserId) is not a user. Create one with UserId.Create.");

    /// <summary>Creates an identifier.</summary>
    /// <param name="value">The identifier, which has 1 to 256 characters and no character below U+0020.</param>
    /// <returns>The identifier.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="value"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="value"/> is not a valid identifier.</exception>
    public static UserId Create(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return TryParse(value, null, out var user)
            ? user
            : throw new ArgumentException($"A user id has 1 to {MaxLength} characters and no character below U+0020.", nameof(value));
    }

    /// <summary>Parses an identifier.</summary>
    /// <param name="s">The text to parse.</param>
    /// <param name="provider">Not used.</param>
    /// <returns>The identifier.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="s"/> is <see langword="null"/>.</exception>
    /// <exception cref="FormatException"><paramref name="s"/> is not a valid identifier.</exception>
    public static UserId Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return TryParse(s, provider, out var user)
            ? user
            : throw new FormatException($"A user id has 1 to {MaxLength} characters and no character below U+0020.");
    }

    /// <summary>Parses an identifier.</summary>
    /// <param name="s">The text to parse.</param>
    /// <param name="provider">Not used.</param>
    /// <param name="result">The identifier, if the text is a valid identifier.</param>
    /// <returns><see langword="true"/> if <paramref name="s"/> is a valid identifier.</returns>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out UserId result)
    {
        if (string.IsNullOrWhiteSpace(s) || s.Length > MaxLength || s.AsSpan().ContainsAnyInRange('\0', '\x1f') || !IsWellFormed(s))
        {
            result = default;
            return false;
        }

        result = new UserId(s);
        return true;
    }

    /// <summary>Returns a pseudonym for logs instead of the identifier.</summary>
    /// <returns>The text <c>user-</c>, followed by eight hexadecimal digits of the identifier's SHA-256.</returns>
    public override string ToString()
    {
        if (_value is null)
        {
            return "user-none";
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(_value), hash);
        return string.Create(CultureInfo.InvariantCulture, $"user-{Convert.ToHexStringLower(hash[..4])}");
    }

    // Text with lone surrogates is rejected. The UTF-8 encoding of two different identifiers with lone surrogates can be the same, so two
    // users would share one account.
    private static bool IsWellFormed(string value)
    {
        if (!value.AsSpan().ContainsAnyInRange('\ud800', '\udfff'))
        {
            return true;
        }

        for (var rest = value.AsSpan(); rest.Length > 0;)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var consumed) != OperationStatus.Done)
            {
                return false;
            }

            rest = rest[consumed..];
        }

        return true;
    }
}
