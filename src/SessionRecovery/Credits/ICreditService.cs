using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

/// <summary>Reads balances for display, with a cache and retries. An error is never returned as a number. Thread-safe.</summary>
/// <remarks>Do not decide about a charge by a cached balance. Only the store can decide, through <see cref="ICreditLedger"/>.</remarks>
public interface ICreditService
{
    /// <summary>Reads a balance, from the cache if it is current.</summary>
    /// <param name="session">The session.</param>
    /// <param name="options">Options of this read.</param>
    /// <param name="cancellationToken">Cancels this caller's wait, not the store read that other callers share.</param>
    /// <returns>
    /// <see cref="CreditReadStatus.Current"/>; <see cref="CreditReadStatus.Stale"/> if the store is unreachable and an earlier value is
    /// known; <see cref="CreditReadStatus.NotFound"/>; <see cref="CreditReadStatus.Unauthenticated"/>;
    /// <see cref="CreditReadStatus.Unavailable"/> if nothing is known, or nothing as new as the caller's version token.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="session"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<CreditReadResult> ReadAsync(
        UserSession session, CreditReadOptions options = default, CancellationToken cancellationToken = default);

    /// <summary>
    /// Invalidates the cached balance and reads it from the store. Call it after the host changed the balance with its own SQL.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Cancels this caller's wait, not the store read that other callers share.</param>
    /// <returns>
    /// The result, as for <see cref="ReadAsync"/>. A store read that began before this call is never returned as current.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="session"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<CreditReadResult> RefreshAsync(UserSession session, CancellationToken cancellationToken = default);

    /// <summary>
    /// Invalidates the cached balance: the next read goes to the store, and the results of reads that began earlier are discarded. The last
    /// value remains available as stale during an outage.
    /// </summary>
    /// <param name="user">The user.</param>
    void Invalidate(UserId user);

    /// <summary>Removes everything that is cached for the user, for example at sign-out.</summary>
    /// <param name="user">The user.</param>
    void Forget(UserId user);
}
