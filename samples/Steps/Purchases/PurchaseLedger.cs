using SessionRecovery.Credits;

namespace Purchases;

/// <summary>Records purchases and refunds in the ledger. Each method can be repeated, on any node and in any order.</summary>
public sealed class PurchaseLedger(ICreditLedger ledger, ILogger<PurchaseLedger> logger)
{
    /// <summary>
    /// Adds the credits of a purchase. The key is the id of the payment and not of the event, because several events can announce one
    /// payment.
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
    /// Takes back the credits of a refunded payment, but not more than the user has left. The purchase is recorded first, because the event
    /// of the refund can arrive before the event of the purchase.
    /// </summary>
    /// <returns><see langword="true"/> if the ledger contains the refund.</returns>
    public async Task<bool> TakeBackAsync(Purchase purchase, Refund refund, CancellationToken cancellationToken)
    {
        var key = IdempotencyKey.Create($"refund:{refund.Id}");
        var credits = refund.GetCredits(purchase.Credits);
        if (!await AddAsync(purchase, cancellationToken))
        {
            return false;
        }

        while (credits > 0)
        {
            var result = await ledger.AdjustAsync(purchase.User, -credits, key, "payments", "refunded payment", cancellationToken);
            switch (result)
            {
                // The user has spent a part of the credits. If the user spends more in the meantime, the next attempt takes back less.
                case { Status: CreditCommandStatus.Insufficient, Balance.Available: var left } when left < credits:
                    logger.LogWarning("{Credits} credits of a refunded payment were already spent.", credits - left);
                    credits = left;
                    break;

                // An earlier delivery of the event took back another amount, because the user had spent the rest.
                case { Status: CreditCommandStatus.KeyConflict }:
                    return true;

                default:
                    return result.Succeeded;
            }
        }

        return true;
    }
}
