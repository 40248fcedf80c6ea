namespace SessionRecovery.Credits;

/// <summary>Options of one reservation.</summary>
public sealed record CreditReservationOptions
{
    /// <summary>
    /// Gets the lifetime of the reservation on the store's clock. The reservation expires if it is neither renewed nor ended within this
    /// time. The default is 15 minutes; valid values are 1 second to 24 hours.
    /// </summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Gets a text that identifies the request, at most 128 characters. The same key with another fingerprint is a
    /// <see cref="CreditCommandStatus.KeyConflict"/>. The default is <see langword="null"/>.
    /// </summary>
    public string? Fingerprint { get; init; }

    /// <summary>
    /// Gets the request that does the work, a new UUID per request. While one lease owner holds the key, another receives <see
    /// cref="CreditCommandStatus.InProgress"/>. A store that only one process uses releases the reservations of earlier lease owners when
    /// it opens. The default is <see langword="null"/>: the reservation survives a restart, and a repeat of the same request receives the
    /// same reservation.
    /// </summary>
    public Guid? LeaseOwner { get; init; }
}
