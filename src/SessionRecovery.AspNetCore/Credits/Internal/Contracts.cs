using SessionRecovery.Credits;
using SessionRecovery.Sessions;

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
        ToWireName(result.Status),
        result.Balance?.Version,
        result.Balance?.AsOf);

    private static string ToWireName(CreditReadStatus status) => status switch
    {
        CreditReadStatus.Current => "known",
        CreditReadStatus.Stale => "stale",
        CreditReadStatus.NotFound => "missing",
        CreditReadStatus.Unauthenticated => "unauthenticated",
        _ => "unavailable",
    };
}

/// <summary>The response to a repeat whose first response was too large to store, was streamed, or has been cleared.</summary>
internal sealed record AlreadyCompletedResponse(bool AlreadyCompleted = true);
