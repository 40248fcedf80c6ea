using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

/// <summary>
/// Spends the credits of users. The service is registered only if the host uses a credit store with a ledger. Each command is sent to the
/// store up to <see cref="CreditOptions.MaxAttempts"/> times with the same key, and its result updates the cached balance. The service is
/// thread-safe.
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
    /// <param name="reason">A text for the ledger entry, at most 200 characters.</param>
    /// <param name="cancellationToken">Cancels the wait for the result. The command may still take effect.</param>
    /// <returns>The result, with the balance after the command.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its valid range. No command was sent.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<CreditCommandResult> ConsumeAsync(
        UserId user, long amount, IdempotencyKey key, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Reserves credits for work in progress.</summary>
    /// <param name="user">The user.</param>
    /// <param name="amount">
    /// The amount in whole credits, 0 to 2⁵³ - 1. With the amount 0 only the key is reserved, for work without a price that must take
    /// effect once. The user then needs no account.
    /// </param>
    /// <param name="key">
    /// The idempotency key of the work. If a reservation with this key was already captured, the result contains the stored response.
    /// </param>
    /// <param name="options">The lifetime, the fingerprint and the lease owner, or <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">
    /// Cancels the wait for the result. The command may still take effect, and the reservation then expires.
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
}
