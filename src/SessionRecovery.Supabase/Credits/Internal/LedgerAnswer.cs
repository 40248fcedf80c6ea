using SessionRecovery.Credits;

namespace SessionRecovery.Supabase.Credits.Internal;

/// <summary>The one JSON object that every function of the ledger answers. Without an outcome it is no answer of ours.</summary>
internal sealed class LedgerResponse
{
    public string? Outcome { get; set; }

    public long? Available { get; set; }

    public long Held { get; set; }

    public long? Version { get; set; }

    public DateTimeOffset AsOf { get; set; }

    public string? Incarnation { get; set; }

    /// <summary>Seconds until the next hold ends by itself.</summary>
    public double? HoldExpiresIn { get; set; }

    public bool Created { get; set; }

    public bool Replayed { get; set; }

    public Guid? ReservationId { get; set; }

    public int Attempt { get; set; }

    public long? Required { get; set; }

    /// <summary>Seconds that another leaseOwner may still hold the key.</summary>
    public double? RetryAfter { get; set; }

    public LedgerStoredResponse? Response { get; set; }

    public IReadOnlyList<string>? Faults { get; set; }

    public IReadOnlyList<LedgerUser>? Users { get; set; }

    public IReadOnlyList<string>? Migrations { get; set; }

    public bool Adopted { get; set; }

    public bool Contracted { get; set; }

    public CreditBalance? Balance() => Available is { } available
        ? new CreditBalance(available, AsOf, Held, Version, Incarnation, Seconds(HoldExpiresIn))
        : null;

    /// <summary>A span of the store's seconds; never negative.</summary>
    public static TimeSpan? Seconds(double? seconds) => seconds is { } value ? TimeSpan.FromSeconds(Math.Max(0, value)) : null;
}
