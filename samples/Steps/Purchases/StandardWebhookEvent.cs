namespace Purchases;

/// <summary>
/// Represents an event of a payment provider that signs its webhooks according to Standard Webhooks. The specification defines the members
/// <c>type</c>, <c>timestamp</c> and <c>data</c>. Your payment provider defines the members of <c>data</c>.
/// </summary>
/// <param name="Type">The type of the event: <c>payment.succeeded</c> or <c>payment.refunded</c>.</param>
/// <param name="Data">The payment.</param>
public sealed record StandardWebhookEvent(string Type, StandardWebhookEvent.Payment? Data)
{
    public sealed record Payment(
        string Id, long Amount, long RefundedBefore, long Refunded, IReadOnlyDictionary<string, string>? Metadata);
}
