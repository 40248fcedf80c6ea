using SessionRecovery.AspNetCore.Http.Internal;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Represents the amount that is reserved for one request. If <see cref="IsMax"/> is <see langword="true"/>, the amount was computed from
/// the request, and the handler may settle a lower amount.
/// </summary>
internal readonly record struct PaidCost(long Amount, bool IsMax)
{
    /// <summary>Adds the price to a problem with the HTTP status 402.</summary>
    public Problem AddTo(Problem problem) => IsMax ? problem with { Max = Amount } : problem with { Cost = Amount };
}
