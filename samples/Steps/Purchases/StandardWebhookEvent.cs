namespace Purchases;

/// <summary>
/// Represents an event of a provider that signs according to Standard Webhooks. The specification defines <c>type</c>, <c>timestamp</c> and
/// <c>data</c>. The members of <c>data</c> are those of your provider.
/// </summary>
/// <param name="Type"><c>payment.succeeded</c> or <c>payment.refunded</c>.</param>
/// <param name="Data">The payment.</param>
public sealed record StandardWebhookEvent(string Type, StandardWebhookEvent.Payment? Data)
{
    public sealed record Payment(
        string Id, long Amount, long RefundedBefore, long Refunded, IReadOnlyDictionary<string, string>? Metadata);
}
