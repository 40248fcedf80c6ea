using System.Diagnostics.CodeAnalysis;

namespace SessionRecovery.Credits;

/// <summary>
/// Identifies an operation, so that a repeated command does not take effect twice. A key consists of 1 to 255 visible ASCII characters.
/// </summary>
/// <remarks>
/// Keys from a request header are stored with the prefix <c>http:</c>, which server code cannot use. Without the prefix, a client could
/// send a key that server code is about to use. <see cref="ToString"/> never returns the key. The request header is defined by
/// draft-ietf-httpapi-idempotency-key-header.
/// </remarks>
public readonly record struct IdempotencyKey : IParsable<IdempotencyKey>
{
    /// <summary>The maximum length of a key in characters, including the prefix.</summary>
    public const int MaxLength = 255;

    /// <summary>The maximum length of a key in a request header, in characters.</summary>
    public const int MaxRequestLength = 250;

    private const string RequestNamespace = "http:";

    private readonly string? _value;

    private IdempotencyKey(string value) => _value = value;

    /// <summary>Gets the key with its prefix, in the form in which a store saves it.</summary>
    /// <exception cref="InvalidOperationException">The value is <c>default(IdempotencyKey)</c>.</exception>
    public string Value =>
        _value ?? throw new InvalidOperationException("default(IdempotencyKey) is not a key. Create one with IdempotencyKey.Create.");

    /// <summary>
    /// Gets the value of the request header from which the key was created, or <see langword="null"/> for a key of server code. Only the
    /// user who sent the request may see the value.
    /// </summary>
    /// <exception cref="InvalidOperationException">The value is <c>default(IdempotencyKey)</c>.</exception>
    public string? RequestHeader => IsRequestKey(Value) ? Value[RequestNamespace.Length..] : null;

    /// <summary>Creates a key in server code.</summary>
    /// <param name="value">The text of the key, which has 1 to 255 visible ASCII characters and does not begin with <c>http:</c>.</param>
    /// <returns>The key.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="value"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="value"/> is not a valid key.</exception>
    public static IdempotencyKey Create(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.Length is 0 or > MaxLength || !IsVisible(value))
        {
            throw new ArgumentException($"An idempotency key has 1 to {MaxLength} visible ASCII characters.", nameof(value));
        }

        return IsRequestKey(value)
            ? throw new ArgumentException($"Keys that begin with '{RequestNamespace}' are reserved for request headers.", nameof(value))
            : new IdempotencyKey(value);
    }

    /// <summary>Creates a key from the value of a request header. The created key has the prefix <c>http:</c>.</summary>
    /// <param name="header">The value of the request header, which has 1 to 250 visible ASCII characters.</param>
    /// <param name="key">The key, if the header value is valid.</param>
    /// <returns><see langword="true"/> if <paramref name="header"/> is a valid key.</returns>
    public static bool TryCreateFromRequest([NotNullWhen(true)] string? header, out IdempotencyKey key)
    {
        if (string.IsNullOrEmpty(header) || header.Length > MaxRequestLength || !IsVisible(header))
        {
            key = default;
            return false;
        }

        key = new IdempotencyKey(RequestNamespace + header);
        return true;
    }

    /// <summary>
    /// Creates a key from the text that a store has saved, which is <see cref="Value"/>. Only credit stores need this method. Do not pass
    /// text from a request to this method. The text may contain characters other than visible ASCII, because other programs may also write
    /// keys to the store.
    /// </summary>
    /// <param name="value">The stored text.</param>
    /// <returns>The key.</returns>
    /// <exception cref="ArgumentException"><paramref name="value"/> is <see langword="null"/> or empty.</exception>
    public static IdempotencyKey FromStore(string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        return new IdempotencyKey(value);
    }

    /// <summary>Parses a key for server code. Invalid text throws a <see cref="FormatException"/>.</summary>
    /// <param name="s">The text to parse.</param>
    /// <param name="provider">Not used.</param>
    /// <returns>The key.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="s"/> is <see langword="null"/>.</exception>
    /// <exception cref="FormatException"><paramref name="s"/> is not a valid key for server code.</exception>
    public static IdempotencyKey Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return TryParse(s, provider, out var key)
            ? key
            : throw new FormatException(
                $"An idempotency key has 1 to {MaxLength} visible ASCII characters and does not begin with '{RequestNamespace}'.");
    }

    /// <summary>Parses a key for server code.</summary>
    /// <param name="s">The text to parse.</param>
    /// <param name="provider">Not used.</param>
    /// <param name="result">The key, if the text is valid.</param>
    /// <returns><see langword="true"/> if <paramref name="s"/> is a valid key for server code.</returns>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out IdempotencyKey result)
    {
        var isKey = s is { Length: > 0 and <= MaxLength } && IsVisible(s) && !IsRequestKey(s);
        result = isKey ? new IdempotencyKey(s!) : default;
        return isKey;
    }

    /// <summary>Returns a fixed text instead of the key, because a key must not appear in logs.</summary>
    /// <returns>The text <c>[idempotency key]</c>.</returns>
    public override string ToString() => "[idempotency key]";

    private static bool IsVisible(string value) => !value.AsSpan().ContainsAnyExceptInRange('!', '~');

    private static bool IsRequestKey(string value) => value.StartsWith(RequestNamespace, StringComparison.OrdinalIgnoreCase);
}
