using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Shared;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>The response of <c>GET /auth/credits</c>. A missing balance is <see langword="null"/>, never a zero.</summary>
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

/// <summary>The response to a repeat whose first response was too large to store, was streamed, or has been cleared.</summary>
internal sealed record AlreadyCompletedResponse(bool AlreadyCompleted = true);
