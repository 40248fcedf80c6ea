namespace SessionRecovery.Credits;

/// <summary>Options of a reservation.</summary>
public sealed record CreditReservationOptions
{
    /// <summary>
    /// Gets the lifetime of the reservation on the store's clock. The reservation expires if it is not renewed, captured or released within
    /// this time. The default is 15 minutes; valid values are 1 second to 24 hours.
    /// </summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Gets a text that identifies the request, at most 128 characters. If the same key is used with another fingerprint, the result is
    /// <see cref="CreditCommandStatus.KeyConflict"/>. The default is <see langword="null"/>.
    /// </summary>
    public string? Fingerprint { get; init; }

    /// <summary>
    /// Gets a UUID that identifies the request that does the work. While one lease owner uses the key, another lease owner receives
    /// <see cref="CreditCommandStatus.InProgress"/>. A store that only one process uses releases the reservations of earlier lease owners
    /// when it opens. The default is <see langword="null"/>. With the default, the reservation survives a restart, and a repeat of the same
    /// request receives the same reservation.
    /// </summary>
    public Guid? LeaseOwner { get; init; }

    /// <summary>
    /// Gets a value that indicates whether the reservation stays open when it is disposed, so that the work is not lost when the host
    /// stops. After the restart, <see cref="ICreditLedger.GetOpenReservationsAsync"/> lists the reservation. If the work has failed, call
    /// <see cref="CreditReservation.ReleaseAsync"/>. The default is <see langword="false"/>. With the default, disposing releases an open
    /// reservation.
    /// </summary>
    public bool KeepOnDispose { get; init; }
}
