using SessionRecovery.Credits;

namespace Purchases;

/// <summary>Records purchases and refunds in the ledger. Each method can be called several times, on any node and in any order.</summary>
public sealed class PurchaseLedger(ICreditLedger ledger, ILogger<PurchaseLedger> logger)
{
    /// <summary>
    /// Adds the credits of a purchase. The idempotency key is the id of the payment and not the id of the event, because several events can
    /// report the same payment.
    /// </summary>
    /// <returns><see langword="true"/> if the ledger contains the credits.</returns>
    public async Task<bool> AddAsync(Purchase purchase, CancellationToken cancellationToken)
    {
        var key = IdempotencyKey.Create($"payment:{purchase.PaymentId}");
        var result = await ledger.GrantAsync(purchase.User, purchase.Credits, key, $"{purchase.Credits} credits", cancellationToken);
        if (!result.Succeeded)
        {
            logger.LogError("The ledger did not add a purchase ({Status}).", result.Status);
        }

        return result.Succeeded;
    }

    /// <summary>
    /// Removes the credits of a refunded payment, but not more than the user's available credits. The purchase is recorded first, because
    /// the event of the refund can arrive before the event of the purchase.
    /// </summary>
    /// <returns>
    /// <see langword="true"/> if the ledger contains the refund. <see langword="false"/> while a running request holds the user's credits,
    /// because the request may return them.
    /// </returns>
    public async Task<bool> TakeBackAsync(Purchase purchase, Refund refund, CancellationToken cancellationToken)
    {
        // Two events about one refund have the same key.
        var key = IdempotencyKey.Create($"refund:{purchase.PaymentId}:{refund.RefundedBefore}-{refund.Refunded}");
        var credits = refund.GetCredits(purchase.Credits);
        if (credits <= 0 || !await AddAsync(purchase, cancellationToken))
        {
            return credits <= 0;
        }

        while (true)
        {
            var result = await ledger.AdjustAsync(purchase.User, -credits, key, "payments", "refunded payment", cancellationToken);
            switch (result)
            {
                case { Status: CreditCommandStatus.Insufficient, Balance: { Held: 0, Available: var left } } when left < credits:
                    logger.LogWarning("{Credits} credits of a refunded payment were already spent.", credits - left);
                    if (left == 0)
                    {
                        return await UseKeyAsync(purchase, key, cancellationToken);
                    }

                    // If the user spends more credits before the command is executed, the next attempt removes fewer credits.
                    credits = left;
                    break;

                // An earlier delivery of the same event has already removed another amount, because the user had spent some of the credits.
                case { Status: CreditCommandStatus.KeyConflict }:
                    return true;

                default:
                    return result.Succeeded;
            }
        }
    }

    // The reservation of the amount 0 stores the key of the refund. Without it, a repeated event would remove credits that the user buys
    // later.
    private async Task<bool> UseKeyAsync(Purchase purchase, IdempotencyKey key, CancellationToken cancellationToken)
    {
        var reserved = await ledger.ReserveAsync(purchase.User, 0, key, cancellationToken: cancellationToken);
        return reserved.Reservation is { } reservation && (await reservation.CaptureAsync(cancellationToken: cancellationToken)).Succeeded;
    }
}
