using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

/// <summary>
/// Spends credits. Registered only with a credit store. Every command goes to the store, is attempted up to
/// <see cref="CreditOptions.MaxAttempts"/> times with the same key, and its result updates the cache. Thread-safe.
/// </summary>
/// <remarks>
/// A result <see cref="CreditCommandStatus.Unknown"/> means that the command may have taken effect; the same key is safe to repeat. A
/// canceled call throws <see cref="OperationCanceledException"/> and may have taken effect too.
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
    /// <summary>Creates the user's account with the store's initial amount, exactly once.</summary>
    /// <param name="user">The user.</param>
    /// <param name="cancellationToken">Cancels the wait; the command may take effect nevertheless.</param>
    /// <returns>The result; <see cref="CreditCommandResult.Created"/> indicates whether the account is new.</returns>
    /// <exception cref="NotSupportedException">The store cannot have an account for this user's id; nothing was sent.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<CreditCommandResult> InitializeAsync(UserId user, CancellationToken cancellationToken = default);

    /// <summary>Spends credits at once.</summary>
    /// <param name="user">The user.</param>
    /// <param name="amount">The amount in whole credits, 1 to 2⁵³ - 1.</param>
    /// <param name="key">The key of this effect: a repeat with the same key and amount receives the first result.</param>
    /// <param name="reason">A text for the ledger, at most 200 characters.</param>
    /// <param name="cancellationToken">Cancels the wait; the command may take effect nevertheless.</param>
    /// <returns>The result, with the balance after the command.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its limits; nothing was sent.</exception>
    /// <exception cref="NotSupportedException">The store cannot have an account for this user's id; nothing was sent.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<CreditCommandResult> ConsumeAsync(
        UserId user, long amount, IdempotencyKey key, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Reserves credits for work in progress.</summary>
    /// <param name="user">The user.</param>
    /// <param name="amount">
    /// The amount in whole credits, 0 to 2⁵³ - 1. With 0 only the key is reserved, for work without a price that must take effect once; the
    /// user needs no account.
    /// </param>
    /// <param name="key">The idempotency key of the work. If it was captured before, the result contains the stored response.</param>
    /// <param name="options">The lifetime, the fingerprint and the lease owner; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">
    /// Cancels the wait; the command may take effect nevertheless, and the reservation then expires.
    /// </param>
    /// <returns>The result, with the reservation if the credits are reserved.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its limits; nothing was sent.</exception>
    /// <exception cref="InvalidOperationException">The store reported a reservation without its identifier.</exception>
    /// <exception cref="NotSupportedException">The store cannot have an account for this user's id; nothing was sent.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<CreditReservationResult> ReserveAsync(
        UserId user,
        long amount,
        IdempotencyKey key,
        CreditReservationOptions? options = null,
        CancellationToken cancellationToken = default);
}
