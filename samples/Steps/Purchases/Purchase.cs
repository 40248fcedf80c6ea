using System.Globalization;
using SessionRecovery.Sessions;

namespace Purchases;

/// <summary>Represents a payment for credits.</summary>
/// <param name="PaymentId">The payment provider's id of the payment.</param>
/// <param name="User">The user who receives the credits.</param>
/// <param name="Credits">The number of credits, 1 to 1,000,000.</param>
public sealed record Purchase(string PaymentId, UserId User, long Credits)
{
    // The length of the payment id is limited, because idempotency keys contain the id and have at most 255 visible ASCII characters.
    private const int MaxIdLength = 200;

    private const long MaxCredits = 1_000_000;

    /// <summary>
    /// Reads a purchase from the metadata <c>user_id</c> and <c>credits</c>, which this application passes to the payment provider when it
    /// creates the payment. Returns <see langword="null"/> for a payment without valid metadata, because such a payment was not for
    /// credits.
    /// </summary>
    public static Purchase? Read(string? paymentId, IReadOnlyDictionary<string, string>? metadata) =>
        paymentId is { Length: > 0 and <= MaxIdLength }
        && paymentId.All(static character => character is > ' ' and < '\x7f')
        && metadata is not null
        && UserId.TryParse(metadata.GetValueOrDefault("user_id"), null, out var user)
        && long.TryParse(metadata.GetValueOrDefault("credits"), NumberStyles.None, CultureInfo.InvariantCulture, out var credits)
        && credits is >= 1 and <= MaxCredits
            ? new Purchase(paymentId, user, credits)
            : null;
}
