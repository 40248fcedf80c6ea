using System.Globalization;
using System.Text;
using System.Text.Json;
using StandardWebhooks;
using Stripe;

namespace Docs.Tests.Steps;

/// <summary>Creates signed events as a payment provider sends them, for a payment of 10.00 and 500 credits.</summary>
/// <param name="path">The path of the webhook.</param>
/// <param name="user">The user who pays.</param>
internal sealed class PaymentProvider(string path, string user)
{
    public const string StripePath = "/webhooks/stripe";

    public const string StandardPath = "/webhooks/standard";

    public const string StripeSecret = "whsec_of_stripe_for_tests";

    public const string StandardSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private int _events;

    public TimeSpan Age { get; init; }

    /// <summary>Returns the event of a payment for 500 credits.</summary>
    public Func<HttpRequestMessage> Pay(string payment) => path == StripePath
        ? SignForStripe(
            "payment_intent.succeeded",
            new { @object = new { id = payment, @object = "payment_intent", amount = 1000, metadata = Metadata } })
        : SignAsStandard("payment.succeeded", new { id = payment, amount = 1000, metadata = Metadata });

    /// <summary>Returns the event of a refund after which the given sum of the payment is refunded.</summary>
    public Func<HttpRequestMessage> Refund(string payment, int before, int refunded) => path == StripePath
        ? SignForStripe(
            "charge.refunded",
            new
            {
                @object = new
                {
                    id = $"ch_of_{payment}",
                    @object = "charge",
                    amount = 1000,
                    amount_refunded = refunded,
                    payment_intent = payment,
                    metadata = Metadata,
                },
                previous_attributes = new { amount_refunded = before },
            })
        : SignAsStandard(
            "payment.refunded", new { id = payment, amount = 1000, refunded_before = before, refunded, metadata = Metadata });

    private object Metadata => new { user_id = user, credits = "500" };

    private Func<HttpRequestMessage> SignForStripe(string type, object data)
    {
        var body = JsonSerializer.Serialize(new { id = $"evt_{++_events}", @object = "event", type, data });
        var time = (TimeProvider.System.GetUtcNow() - Age).ToUnixTimeSeconds();
        return () => new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
            Headers = { { "Stripe-Signature", EventUtility.GenerateSignatureHeader(body, StripeSecret, time) } },
        };
    }

    private Func<HttpRequestMessage> SignAsStandard(string type, object data)
    {
        var body = JsonSerializer.Serialize(new { type, data });
        var (id, time) = ($"msg_{++_events}", TimeProvider.System.GetUtcNow() - Age);
        var signature = new StandardWebhook(StandardSecret).Sign(id, time, body);
        return () => new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
            Headers =
            {
                { "webhook-id", id },
                { "webhook-timestamp", time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) },
                { "webhook-signature", signature },
            },
        };
    }
}
