using SessionRecovery.Credits;

namespace SessionRecovery.Supabase.Credits.Internal;

/// <summary>
/// Represents the JSON object that every database function of the ledger returns. A JSON object without an outcome does not come from the
/// ledger.
/// </summary>
internal sealed class LedgerResponse
{
    /// <summary>The outcome of a command that the database received after its deadline.</summary>
    public const string DeadlinePassed = "deadline_passed";

    public string? Outcome { get; set; }

    public long? Available { get; set; }

    public long Held { get; set; }

    public long? Version { get; set; }

    public DateTimeOffset AsOf { get; set; }

    public string? Incarnation { get; set; }

    /// <summary>Gets or sets the number of seconds until the next expiry of a reservation.</summary>
    public double? HoldExpiresIn { get; set; }

    public bool Created { get; set; }

    public bool Replayed { get; set; }

    public long? LedgerId { get; set; }

    /// <summary>Gets or sets the amount of an entry that can still be refunded.</summary>
    public long? Refundable { get; set; }

    public Guid? ReservationId { get; set; }

    public int Attempt { get; set; }

    public long? Required { get; set; }

    /// <summary>
    /// Gets or sets the number of seconds after which the reservation of another lease owner expires if it is not renewed.
    /// </summary>
    public double? RetryAfter { get; set; }

    public LedgerStoredResponse? Response { get; set; }

    public IReadOnlyList<string>? Faults { get; set; }

    public IReadOnlyList<LedgerEntry>? Entries { get; set; }

    public long? NextBeforeVersion { get; set; }

    public IReadOnlyList<LedgerReservation>? Reservations { get; set; }

    public IReadOnlyList<LedgerUser>? Users { get; set; }

    public IReadOnlyList<string>? Migrations { get; set; }

    public bool Adopted { get; set; }

    public bool Contracted { get; set; }

    public CreditBalance? Balance() => Available is { } available
        ? new CreditBalance(available, AsOf, Held, Version, Incarnation, Seconds(HoldExpiresIn))
        : null;

    /// <summary>Converts a number of seconds from the database to a duration that is not negative.</summary>
    public static TimeSpan? Seconds(double? seconds) => seconds is { } value ? TimeSpan.FromSeconds(Math.Max(0, value)) : null;
}
