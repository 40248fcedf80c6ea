using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

/// <summary>
/// Spends the credits of users, and adds credits to their accounts. The service is registered only if the host uses a credit store with a
/// ledger. Each command is sent to the store up to <see cref="CreditOptions.MaxAttempts"/> times with the same key, and its result updates
/// the cached balance. The service is thread-safe.
/// </summary>
/// <remarks>
/// The result <see cref="CreditCommandStatus.Unknown"/> means that the command may have taken effect. The command can be repeated safely
/// with the same key. A canceled call throws <see cref="OperationCanceledException"/>, and its command may also have taken effect.
/// </remarks>
/// <example>
/// <code>
/// var result = await ledger.ConsumeAsync(session.User, 5, IdempotencyKey.Create($"invoice-{invoice.Id}"), "invoice", cancellationToken);
/// if (result.Status == CreditCommandStatus.Insufficient)
/// {
///     return Results.Problem("Not enough credits.", statusCode: 402);
/// }
/// </code>
/// </example>
public interface ICreditLedger
{
    /// <summary>Creates the user's account with the initial credits that the store defines. The account is created only once.</summary>
    /// <param name="user">The user.</param>
    /// <param name="cancellationToken">Cancels the wait for the result. The command may still take effect.</param>
    /// <returns>The result. <see cref="CreditCommandResult.Created"/> indicates whether this call created the account.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<CreditCommandResult> InitializeAsync(UserId user, CancellationToken cancellationToken = default);

    /// <summary>Spends credits immediately.</summary>
    /// <param name="user">The user.</param>
    /// <param name="amount">The amount in whole credits, 1 to 2⁵³ - 1.</param>
    /// <param name="key">The idempotency key of the charge. A repeated call with the same key and amount receives the first result.</param>
    /// <param name="reason">
    /// A text for the ledger entry, at most 200 characters without control characters. The user can read it.
    /// </param>
    /// <param name="cancellationToken">Cancels the wait for the result. The command may still take effect.</param>
    /// <returns>The result, with the balance after the command.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its valid range. No command was sent.</exception>
    /// <exception cref="ArgumentException"><paramref name="reason"/> contains control characters. No command was sent.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<CreditCommandResult> ConsumeAsync(
        UserId user, long amount, IdempotencyKey key, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Reserves credits for work in progress.</summary>
    /// <param name="user">The user.</param>
    /// <param name="amount">
    /// The amount in whole credits, 0 to 2⁵³ - 1. With the amount 0, only the key is reserved, and the user needs no account. The amount 0
    /// is used for work without a price that must take effect once.
    /// </param>
    /// <param name="key">
    /// The idempotency key of the work. If a reservation with this key was already captured, the result contains the stored response.
    /// </param>
    /// <param name="options">The lifetime, the fingerprint and the lease owner, or <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">
    /// Cancels the wait for the result. The command may still take effect. In this case, the reservation expires by itself.
    /// </param>
    /// <returns>The result, which contains the reservation if the credits were reserved.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its valid range. No command was sent.</exception>
    /// <exception cref="InvalidOperationException">The store returned a reservation without its id.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<CreditReservationResult> ReserveAsync(
        UserId user,
        long amount,
        IdempotencyKey key,
        CreditReservationOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Lists the open reservations of server code that hold credits, the next to expire first. A worker uses the list to find its
    /// unfinished work after a restart. Reservations of requests to paid endpoints are not listed.
    /// </summary>
    /// <param name="user">The user, or <see langword="null"/> for all users.</param>
    /// <param name="after">
    /// The last reservation of the previous call, or <see langword="null"/> for the first reservations. A reservation that is renewed
    /// between two calls may be listed twice. No reservation is omitted, because a renewal never shortens a lifetime.
    /// </param>
    /// <param name="limit">The maximum number of reservations, 1 to 500. The default is 50.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>
    /// The reservations. If the list has fewer than <paramref name="limit"/> reservations, there are no further reservations.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="limit"/> is outside its valid range. Nothing was read.</exception>
    /// <exception cref="CreditStoreException">The store could not be read.</exception>
    /// <exception cref="NotSupportedException">The store does not implement <see cref="ICreditStoreReservations"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<IReadOnlyList<OpenCreditReservation>> GetOpenReservationsAsync(
        UserId? user = null,
        OpenCreditReservation? after = null,
        int limit = OpenCreditReservation.DefaultLimit,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes over a listed reservation, for example after a restart. If several workers claim the same listed reservation, only one
    /// succeeds. After the claim, the worker that held the reservation before can neither capture nor release it: its commands have the
    /// status <see cref="CreditCommandStatus.Superseded"/>.
    /// </summary>
    /// <param name="reservation">The listed reservation.</param>
    /// <param name="lifetime">
    /// The new lifetime, counted from now, 1 second to 24 hours. A reservation that already lasts longer keeps its expiry.
    /// </param>
    /// <param name="cancellationToken">
    /// Cancels the wait for the result. The command may still take effect. In this case, the reservation is listed with its next attempt.
    /// </param>
    /// <returns>
    /// The result, which contains the reservation if it was taken over. Disposing that reservation does not release it, so that the work
    /// can continue after the next restart. The status <see cref="CreditCommandStatus.Superseded"/> means that another worker has claimed
    /// the reservation. After the status <see cref="CreditCommandStatus.Unknown"/>, the caller must list the reservations again.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="reservation"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="lifetime"/> is outside its valid range.</exception>
    /// <exception cref="InvalidOperationException">The store returned a reservation without its id.</exception>
    /// <exception cref="NotSupportedException">The store does not support claims.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<CreditReservationResult> ClaimAsync(
        OpenCreditReservation reservation, TimeSpan lifetime, CancellationToken cancellationToken = default);

    /// <summary>
    /// Adds credits to an account, for example after a purchase. If the user has no account, the account is first created with the initial
    /// credits that the store defines. This also applies to a user whom <see cref="CreditOptions.InitializeAccount"/> excludes. Use the id
    /// of the payment as the key. If the event of a payment is delivered again, the repeated grant has no effect.
    /// </summary>
    /// <param name="user">The user, who need not have signed in before.</param>
    /// <param name="amount">The amount in whole credits, 1 to 2⁵³ - 1.</param>
    /// <param name="key">The idempotency key of the grant. A repeated call with the same key and amount receives the first result.</param>
    /// <param name="reason">
    /// A text for the ledger entry, at most 200 characters without control characters. The user can read it.
    /// </param>
    /// <param name="cancellationToken">Cancels the wait for the result. The command may still take effect.</param>
    /// <returns>
    /// The result, with the balance after the command and the id of the ledger entry. Acknowledge a payment only if the result has
    /// succeeded. The status is <see cref="CreditCommandStatus.ExceedsLimit"/> if the balance would exceed 2⁵³ - 1.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its valid range. No command was sent.</exception>
    /// <exception cref="ArgumentException"><paramref name="reason"/> contains control characters. No command was sent.</exception>
    /// <exception cref="NotSupportedException">The store does not support grants.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<CreditCommandResult> GrantAsync(
        UserId user, long amount, IdempotencyKey key, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Returns credits of one charge to the user. A charge can be refunded in parts. The sum of all refunds never exceeds the charge.
    /// </summary>
    /// <param name="user">The user.</param>
    /// <param name="entryId">
    /// The id of the ledger entry of the charge, which is <see cref="CreditCommandResult.EntryId"/> of the consume or capture command.
    /// </param>
    /// <param name="amount">
    /// The amount in whole credits, 1 to 2⁵³ - 1, or <see langword="null"/> for the part of the charge that was not refunded yet.
    /// </param>
    /// <param name="key">The idempotency key of the refund. A repeated call with the same arguments receives the first result.</param>
    /// <param name="reason">
    /// A text for the ledger entry, at most 200 characters without control characters. The user can read it.
    /// </param>
    /// <param name="cancellationToken">Cancels the wait for the result. The command may still take effect.</param>
    /// <returns>
    /// The result. The status is <see cref="CreditCommandStatus.EntryNotFound"/> if the user has no such charge, and <see
    /// cref="CreditCommandStatus.ExceedsEntry"/> if the amount exceeds the part of the charge that was not refunded yet.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its valid range. No command was sent.</exception>
    /// <exception cref="ArgumentException"><paramref name="reason"/> contains control characters. No command was sent.</exception>
    /// <exception cref="NotSupportedException">The store does not support refunds.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<CreditCommandResult> RefundAsync(
        UserId user,
        long entryId,
        long? amount,
        IdempotencyKey key,
        string? reason = null,
        CancellationToken cancellationToken = default);

    /// <summary>Corrects the balance of an account on behalf of an operator. The method creates no account.</summary>
    /// <param name="user">The user.</param>
    /// <param name="amount">The change in whole credits, from -(2⁵³ - 1) to 2⁵³ - 1, but not 0.</param>
    /// <param name="key">
    /// The idempotency key of the adjustment. A repeated call with the same amount and actor receives the first result.
    /// </param>
    /// <param name="actor">The operator, 1 to 100 characters without control characters.</param>
    /// <param name="reason">
    /// A text for the ledger entry, 1 to 200 characters without control characters. The user can read it.
    /// </param>
    /// <param name="cancellationToken">Cancels the wait for the result. The command may still take effect.</param>
    /// <returns>
    /// The result. The status is <see cref="CreditCommandStatus.Insufficient"/> if a negative amount exceeds the available credits. A
    /// balance is therefore never negative, and a reservation keeps its credits.
    /// </returns>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="actor"/> or <paramref name="reason"/> is <see langword="null"/>.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its valid range. No command was sent.</exception>
    /// <exception cref="ArgumentException">A text is empty or contains control characters. No command was sent.</exception>
    /// <exception cref="NotSupportedException">The store does not support adjustments.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<CreditCommandResult> AdjustAsync(
        UserId user, long amount, IdempotencyKey key, string actor, string reason, CancellationToken cancellationToken = default);

    /// <summary>Reads a page of a user's credit history, the newest entry first.</summary>
    /// <param name="user">The user. The caller must have verified that the credit history may be read.</param>
    /// <param name="before">
    /// <see cref="CreditHistoryPage.NextBefore"/> of the previous page, or <see langword="null"/> for the newest entries. At least 1.
    /// </param>
    /// <param name="limit">The maximum number of entries, 1 to 500. The default is 50.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>
    /// The page. A user without an account has no entries. A reservation that has expired appears as <see cref="CreditEntryKind.Expire"/>
    /// after the next command of the user.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its valid range. Nothing was read.</exception>
    /// <exception cref="CreditStoreException">The store could not be read.</exception>
    /// <exception cref="NotSupportedException">The store does not implement <see cref="ICreditStoreHistory"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<CreditHistoryPage> GetHistoryAsync(
        UserId user,
        long? before = null,
        int limit = CreditHistoryPage.DefaultLimit,
        CancellationToken cancellationToken = default);
}
