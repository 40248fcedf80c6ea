using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SessionRecovery.Sessions;

/// <summary>
/// The id of a signed-in user: 1 to 256 characters of well-formed text, compared by ordinal value, never interpreted.
/// It comes from a verified principal and from nowhere else.
/// </summary>
/// <remarks><see cref="ToString"/> gives a stable pseudonym, so that a log line never carries the id itself.</remarks>
public readonly record struct UserId
{
    /// <summary>The longest id, in characters.</summary>
    public const int MaxLength = 256;

    private readonly string? _value;

    private UserId(string value) => _value = value;

    /// <summary>The id itself.</summary>
    /// <exception cref="InvalidOperationException">This is <c>default(UserId)</c>, which names nobody.</exception>
    public string Value => _value ?? throw new InvalidOperationException("default(UserId) names no user. Create one with UserId.Create.");

    /// <summary>Creates an id.</summary>
    /// <param name="value">1 to 256 characters without control characters.</param>
    /// <exception cref="ArgumentException"><paramref name="value"/> is empty, too long, or holds a control character.</exception>
    public static UserId Create(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return TryCreate(value, out var user)
            ? user
            : throw new ArgumentException($"A user id has 1 to {MaxLength} characters and no control characters.", nameof(value));
    }

    /// <summary>Creates an id, or answers <see langword="false"/> when <paramref name="value"/> can't be one.</summary>
    public static bool TryCreate([NotNullWhen(true)] string? value, out UserId user)
    {
        if (string.IsNullOrWhiteSpace(value) || value.Length > MaxLength || value.AsSpan().ContainsAnyInRange('\0', '\x1f') || !IsWellFormed(value))
        {
            user = default;
            return false;
        }

        user = new UserId(value);
        return true;
    }

    // Two ids with lone surrogates become the same text in UTF-8, and so the same account.
    private static bool IsWellFormed(string value)
    {
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

    /// <summary>A pseudonym: <c>user-</c> and eight hexadecimal digits of the id's SHA-256.</summary>
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
}
