using System.Text.Json;
using StandardWebhooks;
using StandardWebhooks.Diagnostics;

namespace Purchases;

/// <summary>Handles the events of a payment provider that signs its webhooks according to Standard Webhooks.</summary>
public static class StandardWebhookHandler
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static async Task<IResult> HandleAsync(
        HttpRequest request, PurchaseLedger purchases, IConfiguration configuration, CancellationToken cancellationToken)
    {
        if (await WebhookBody.ReadAsync(request, cancellationToken) is not { } body)
        {
            return WebhookResults.Invalid;
        }

        StandardWebhookEvent? received;
        try
        {
            // The method Verify checks the signature, and checks that the event was signed at most five minutes ago.
            new StandardWebhook(configuration["Webhooks:StandardSecret"]!).Verify(body, request.Headers);
            received = JsonSerializer.Deserialize<StandardWebhookEvent>(body, Json);
        }
        catch (Exception exception) when (exception is WebhookVerificationException or ArgumentNullException or JsonException)
        {
            // The package StandardWebhooks throws an ArgumentNullException if the signature is empty.
            return WebhookResults.Invalid;
        }

        if (received?.Data is not { } payment || Purchase.Read(payment.Id, payment.Metadata) is not { } purchase)
        {
            return WebhookResults.Ignored;
        }

        return received.Type switch
        {
            "payment.succeeded" => WebhookResults.From(await purchases.AddAsync(purchase, cancellationToken)),
            "payment.refunded" => WebhookResults.From(await purchases.TakeBackAsync(
                purchase,
                new Refund(payment.Amount, payment.RefundedBefore, payment.Refunded),
                cancellationToken)),
            _ => WebhookResults.Ignored,
        };
    }
}
