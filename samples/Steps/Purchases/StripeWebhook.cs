using System.Text.Json;
using Stripe;

namespace Purchases;

/// <summary>Handles the events <c>payment_intent.succeeded</c> and <c>charge.refunded</c> of Stripe.</summary>
public static class StripeWebhook
{
    public static async Task<IResult> HandleAsync(
        HttpRequest request, PurchaseLedger purchases, IConfiguration configuration, CancellationToken cancellationToken)
    {
        if (await WebhookBody.ReadAsync(request, cancellationToken) is not { } body)
        {
            return WebhookResults.Invalid;
        }

        Event received;
        try
        {
            // The method checks the signature, and that the event was signed at most five minutes ago. The events of other API versions are
            // accepted, because the members that are read here are the same in all of them.
            var signature = request.Headers["Stripe-Signature"].ToString();
            received = EventUtility.ConstructEvent(
                body, signature, configuration["Webhooks:StripeSecret"], throwOnApiVersionMismatch: false);
        }
        catch (Exception exception) when (exception is StripeException or JsonException or InvalidOperationException)
        {
            // The package throws InvalidOperationException if the signed body is no JSON object.
            return WebhookResults.Invalid;
        }

        return received.Data?.Object switch
        {
            PaymentIntent paid when received.Type == "payment_intent.succeeded" && Purchase.Read(paid.Id, paid.Metadata) is { } purchase =>
                WebhookResults.From(await purchases.AddAsync(purchase, cancellationToken)),

            // Stripe copies the metadata of the payment to its charge. An event without the sum of the earlier refunds is rejected, because
            // the sum of all refunds would be taken back again.
            Charge charge when received.Type == "charge.refunded"
                && Purchase.Read(charge.PaymentIntentId, charge.Metadata) is { } purchase =>
                WebhookResults.From(GetRefundedBefore(body) is { } before && await purchases.TakeBackAsync(
                    purchase, new Refund(charge.Amount, before, charge.AmountRefunded), cancellationToken)),
            _ => WebhookResults.Ignored,
        };
    }

    private static long? GetRefundedBefore(string body)
    {
        using var json = JsonDocument.Parse(body);
        return json.RootElement.GetProperty("data").TryGetProperty("previous_attributes", out var previous)
            && previous.TryGetProperty("amount_refunded", out var refunded)
                ? refunded.GetInt64()
                : null;
    }
}
