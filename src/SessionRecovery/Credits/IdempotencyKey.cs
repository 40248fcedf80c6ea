using System.Diagnostics.CodeAnalysis;

namespace SessionRecovery.Credits;

/// <summary>Names one intended effect, so that repeating it has no second one. 1 to 255 visible ASCII characters.</summary>
/// <remarks>
/// Keys from a request header live in a namespace of their own, which server code can't use: otherwise a user could take the key of
/// the server's next debit. <see cref="ToString"/> never shows the key.
/// </remarks>
public readonly record struct IdempotencyKey
{
    /// <summary>The longest key, in characters, with its namespace.</summary>
    public const int MaxLength = 255;

    /// <summary>The longest key that a request header may carry, in characters.</summary>
    public const int MaxRequestLength = 250;

    private const string RequestNamespace = "http:";

    private readonly string? _value;

    private IdempotencyKey(string value) => _value = value;

    /// <summary>The key as the store keeps it.</summary>
    /// <exception cref="InvalidOperationException">This is <c>default(IdempotencyKey)</c>.</exception>
    public string Value => _value ?? throw new InvalidOperationException("default(IdempotencyKey) is no key. Create one with IdempotencyKey.Create.");

    /// <summary>A key of server code.</summary>
    /// <exception cref="ArgumentException">Empty, longer than 255 characters, not visible ASCII, or beginning with <c>http:</c>.</exception>
    public static IdempotencyKey Create(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.Length is 0 or > MaxLength || !IsVisible(value))
        {
            throw new ArgumentException($"An idempotency key has 1 to {MaxLength} visible ASCII characters.", nameof(value));
        }

        if (value.StartsWith(RequestNamespace, StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"Keys that begin with '{RequestNamespace}' belong to request headers.", nameof(value));
        }

        return new IdempotencyKey(value);
    }

    /// <summary>A key that a request header carried, put into the namespace of such keys.</summary>
    /// <param name="header">The header's value: 1 to 250 visible ASCII characters.</param>
    /// <param name="key">The key, when the answer is <see langword="true"/>.</param>
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

    /// <summary>Always <c>[idempotency key]</c>.</summary>
    public override string ToString() => "[idempotency key]";

    private static bool IsVisible(string value) => !value.AsSpan().ContainsAnyExceptInRange('!', '~');
}
