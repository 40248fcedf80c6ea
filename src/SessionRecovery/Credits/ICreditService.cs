using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

/// <summary>
/// Reads balances for display, with a cache and retries. An error is never returned as a number. The service is thread-safe.
/// </summary>
/// <remarks>
/// Do not use a cached balance to decide about a charge. Use <see cref="ICreditLedger"/>, because only the store can make this decision.
/// </remarks>
public interface ICreditService
{
    /// <summary>Reads a balance. The balance comes from the cache if the cached balance is current.</summary>
    /// <param name="session">The session.</param>
    /// <param name="options">Options for this read.</param>
    /// <param name="cancellationToken">Cancels the caller's wait. The store read continues, because other callers may share it.</param>
    /// <returns>
    /// <see cref="CreditReadStatus.Current"/> with the balance. <see cref="CreditReadStatus.Stale"/> with the last known balance if the
    /// store is unreachable. <see cref="CreditReadStatus.NotFound"/> if the user has no account.
    /// <see cref="CreditReadStatus.Unauthenticated"/> if the store rejected the access token. <see cref="CreditReadStatus.Unavailable"/> if
    /// no balance is known, or if the known balance is older than the caller's version token.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="session"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<CreditReadResult> ReadAsync(
        UserSession session, CreditReadOptions options = default, CancellationToken cancellationToken = default);

    /// <summary>
    /// Invalidates the cached balance and reads the balance from the store. Hosts call this method after they have changed the balance with
    /// their own SQL.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Cancels the caller's wait. The store read continues, because other callers may share it.</param>
    /// <returns>
    /// The result, as for <see cref="ReadAsync"/>. A store read that began before this call is never returned as current.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="session"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<CreditReadResult> RefreshAsync(UserSession session, CancellationToken cancellationToken = default);

    /// <summary>
    /// Invalidates the cached balance. The next read reads the balance from the store, and the results of reads that have already begun are
    /// discarded. The invalidated balance can still be returned as <see cref="CreditReadStatus.Stale"/> during an outage.
    /// </summary>
    /// <param name="user">The user.</param>
    void Invalidate(UserId user);

    /// <summary>Removes all cached data of the user, for example at sign-out.</summary>
    /// <param name="user">The user.</param>
    void Forget(UserId user);
}
