using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

/// <summary>
/// Reads the credit history of a user. A credit store may implement this interface, but does not have to. Implementations must be
/// thread-safe.
/// </summary>
public interface ICreditStoreHistory
{
    /// <summary>Reads a page of the user's ledger entries, the newest first.</summary>
    /// <param name="user">The user. The caller has verified that the page may be read.</param>
    /// <param name="before">
    /// The page contains only entries with a lower version, or the newest entries if the value is <see langword="null"/>. At least 1.
    /// </param>
    /// <param name="limit">The maximum number of entries, 1 to <see cref="CreditHistoryPage.MaxLimit"/>.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The page. A user without an account has no entries.</returns>
    /// <exception cref="CreditStoreException">The store could not be read. The exception specifies whether a retry may succeed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<CreditHistoryPage> ReadHistoryAsync(UserId user, long? before, int limit, CancellationToken cancellationToken);
}
