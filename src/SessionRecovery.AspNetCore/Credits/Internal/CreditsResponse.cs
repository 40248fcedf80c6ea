using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>A balance on the wire. Without a number there is <see langword="null"/>, never a zero.</summary>
internal sealed record CreditsResponse(bool Success, long? Credits, long? Held, string UserId, string Status, long? Version, DateTimeOffset? AsOf)
{
    public static CreditsResponse Of(UserId user, CreditReadResult reading) =>
        new(reading.HasBalance, reading.Balance?.Available, reading.Balance?.Held, user.Value, ToStatus(reading.Status), reading.Balance?.Version, reading.Balance?.AsOf);

    public static string ToStatus(CreditReadStatus status) => status switch
    {
        CreditReadStatus.Current => "known",
        CreditReadStatus.Stale => "stale",
        CreditReadStatus.NotFound => "missing",
        CreditReadStatus.Unauthenticated => "unauthenticated",
        _ => "unavailable",
    };
}
