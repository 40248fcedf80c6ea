using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

/// <summary>
/// Represents an open reservation of server code in a list. A worker claims the reservation with <see cref="ICreditLedger.ClaimAsync"/>
/// before it continues the work. The type is immutable.
/// </summary>
public sealed record OpenCreditReservation
{
    /// <summary>The maximum number of reservations of a list, 500.</summary>
    public const int MaxLimit = 500;

    /// <summary>The default number of reservations of a list, 50.</summary>
    public const int DefaultLimit = 50;

    /// <summary>Gets the identifier of the reservation in the store.</summary>
    public required Guid Id { get; init; }

    /// <summary>Gets the user whose credits are reserved.</summary>
    public required UserId User { get; init; }

    /// <summary>Gets the idempotency key of the work.</summary>
    public required IdempotencyKey Key { get; init; }

    /// <summary>Gets the attempt number of the reservation, which is a fencing token.</summary>
    public required int Attempt { get; init; }

    /// <summary>Gets the reserved amount in whole credits, 1 or more.</summary>
    public required long Amount { get; init; }

    /// <summary>Gets the time on the store's clock at which the reservation expires if it is not renewed.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Gets the lease owner that works on the reservation, or <see langword="null"/>.</summary>
    public Guid? LeaseOwner { get; init; }
}
