using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>A balance on the wire. Without a number there is <see langword="null"/>, never a zero.</summary>
internal sealed record CreditsAnswer(bool Success, long? Credits, long? Held, string UserId, string Status, long? Version, DateTimeOffset? AsOf)
{
    public static CreditsAnswer Of(UserId user, CreditReading reading) =>
        new(reading.HasBalance, reading.Balance?.Available, reading.Balance?.Held, user.Value, StatusOf(reading.Status), reading.Balance?.Version, reading.Balance?.AsOf);

    public static string StatusOf(CreditReadingStatus status) => status switch
    {
        CreditReadingStatus.Known => "known",
        CreditReadingStatus.Stale => "stale",
        CreditReadingStatus.Missing => "missing",
        CreditReadingStatus.Unauthenticated => "unauthenticated",
        _ => "unavailable",
    };
}
