using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Shared;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Represents the response of <c>GET /auth/credits</c>. If the balance is unknown, the value is <see langword="null"/> and not zero.
/// </summary>
internal sealed record CreditsResponse(
    bool Success, long? Credits, long? Held, string UserId, string Status, long? Version, DateTimeOffset? AsOf)
{
    public static CreditsResponse Create(UserId user, CreditReadResult result) => new(
        result.HasBalance,
        result.Balance?.Available,
        result.Balance?.Held,
        user.Value,
        result.Status.ToWireName(),
        result.Balance?.Version,
        result.Balance?.AsOf);
}

/// <summary>
/// Represents the response to a repeated request whose first response is not available. The response to the first request was too large to
/// store, was a stream, or has been deleted.
/// </summary>
internal sealed record AlreadyCompletedResponse(bool AlreadyCompleted = true);
