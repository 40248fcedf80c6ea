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
            // ConstructEvent checks the signature, and checks that the event was signed at most five minutes ago. Events of other API
            // versions of Stripe are accepted, because the members that this sample reads are the same in all versions.
            var signature = request.Headers["Stripe-Signature"].ToString();
            received = EventUtility.ConstructEvent(
                body, signature, configuration["Webhooks:StripeSecret"], throwOnApiVersionMismatch: false);
        }
        catch (Exception exception) when (exception is StripeException or JsonException or InvalidOperationException)
        {
            // The package Stripe.net throws an InvalidOperationException if the signed body is not a JSON object.
            return WebhookResults.Invalid;
        }

        return received.Data?.Object switch
        {
            PaymentIntent paid when received.Type == "payment_intent.succeeded" && Purchase.Read(paid.Id, paid.Metadata) is { } purchase =>
                WebhookResults.From(await purchases.AddAsync(purchase, cancellationToken)),

            // Stripe copies the metadata of a payment to its charge. An event without the sum of the earlier refunds is rejected, because
            // the credits of these refunds would be removed again.
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
