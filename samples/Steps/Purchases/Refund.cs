namespace Purchases;

/// <summary>Represents a refund of a payment, in the smallest unit of the currency.</summary>
/// <param name="Price">The amount of the payment.</param>
/// <param name="RefundedBefore">The sum of the earlier refunds of the payment.</param>
/// <param name="Refunded">The sum of the refunds of the payment, including this one.</param>
public sealed record Refund(long Price, long RefundedBefore, long Refunded)
{
    /// <summary>
    /// Returns the number of bought credits that this refund removes. The numbers of all refunds of a payment add up to the credits of the
    /// payment, because each part is the difference of two rounded sums.
    /// </summary>
    public long GetCredits(long bought) => GetSum(bought, Refunded) - GetSum(bought, RefundedBefore);

    private long GetSum(long bought, long refunded) => Price <= 0 ? 0 : (long)((Int128)bought * Math.Clamp(refunded, 0, Price) / Price);
}
