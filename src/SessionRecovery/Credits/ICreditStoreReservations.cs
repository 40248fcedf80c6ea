using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

/// <summary>
/// Lists the open reservations of server code. Implementing this interface is optional for a credit store. Implementations must be
/// thread-safe.
/// </summary>
public interface ICreditStoreReservations
{
    /// <summary>
    /// Lists open reservations of an amount above 0, ordered by expiry and then by id. Reservations of requests (keys with the prefix
    /// <c>http:</c>) and reservations that are due on the store's clock are not listed.
    /// </summary>
    /// <param name="user">The user, or <see langword="null"/> for all users.</param>
    /// <param name="after">
    /// The list contains only reservations that follow this reservation in the order. If the value is <see langword="null"/>, the list
    /// begins with the first reservation.
    /// </param>
    /// <param name="limit">The maximum number of reservations, 1 to <see cref="OpenCreditReservation.MaxLimit"/>.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The reservations.</returns>
    /// <exception cref="CreditStoreException">The store could not be read. The exception specifies whether a retry may succeed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<IReadOnlyList<OpenCreditReservation>> ListOpenReservationsAsync(
        UserId? user, OpenCreditReservation? after, int limit, CancellationToken cancellationToken);
}
