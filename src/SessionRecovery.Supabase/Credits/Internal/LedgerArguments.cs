using System.Text.Json.Serialization;

namespace SessionRecovery.Supabase.Credits.Internal;

internal sealed record NoArguments;

internal sealed record UserArguments(Guid PUser);

internal sealed record InitializeArguments(Guid PUser, DateTimeOffset? PDeadline);

internal sealed record HistoryArguments(Guid PUser, long? PBeforeVersion, int PLimit);

internal sealed record OpenReservationsArguments(Guid? PUser, DateTimeOffset? PAfterExpiresAt, Guid? PAfterId, int PLimit);

internal sealed record ConsumeArguments(Guid PUser, long PAmount, string PKey, string? PReason, DateTimeOffset? PDeadline);

internal sealed record GrantArguments(Guid PUser, long PAmount, string PKey, string? PReason, DateTimeOffset? PDeadline);

/// <summary>Represents the arguments of a refund. A null amount is sent, because the parameter has no default.</summary>
internal sealed record RefundArguments(
    Guid PUser,
    long PLedgerId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? PAmount,
    string PKey,
    string? PReason,
    DateTimeOffset? PDeadline);

internal sealed record AdjustArguments(Guid PUser, long PAmount, string PKey, string PActor, string PReason, DateTimeOffset? PDeadline);

internal sealed record ReserveArguments(
    Guid PUser,
    long PAmount,
    string PKey,
    string? PFingerprint,
    double PTtlSeconds,
    Guid? PLeaseOwner,
    DateTimeOffset? PDeadline);

internal sealed record RenewArguments(
    Guid PUser, Guid PReservation, int PAttempt, double PTtlSeconds, bool PClaim, DateTimeOffset? PDeadline);

/// <summary>Represents the arguments of a capture. A null amount is not sent, and the whole reservation is captured.</summary>
internal sealed record CaptureArguments(
    Guid PUser, Guid PReservation, int PAttempt, long? PAmount, LedgerStoredResponse? PResponse, DateTimeOffset? PDeadline);

internal sealed record ReleaseArguments(Guid PUser, Guid PReservation, int PAttempt, DateTimeOffset? PDeadline);

internal sealed record SnapshotArguments(int PLimit, DateTimeOffset PSince);

internal sealed record RecordArguments(IReadOnlyList<Guid> PUsers);
