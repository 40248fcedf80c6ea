namespace SessionRecovery.Supabase.Tests.Adoption;

/// <summary>Represents a balance that a host returned to a user, with the times of the request and the response.</summary>
/// <param name="Host">The host that responded.</param>
/// <param name="User">The user.</param>
/// <param name="Status">The status of the balance.</param>
/// <param name="Total">The sum of the available and held credits, or <see langword="null"/> if the response contained no number.</param>
/// <param name="HasVersion"><see langword="true"/> if the balance came from the ledger.</param>
/// <param name="AsOf">The time of the balance that the host returned.</param>
/// <param name="RequestedAt">The time of the request.</param>
/// <param name="RespondedAt">The time of the response.</param>
internal sealed record ObservedBalance(string Host, Guid User, string Status, long? Total, bool HasVersion, DateTimeOffset? AsOf,
    DateTimeOffset RequestedAt, DateTimeOffset RespondedAt);
