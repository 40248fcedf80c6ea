namespace SessionRecovery.Warming;

/// <summary>
/// Lists recently active users. The interface is implemented by the credit store, or by a host with its own activity log.
/// </summary>
public interface IActiveUserSource
{
    /// <summary>
    /// Reads recently active users and their balances. The source must make only one call to the store, regardless of the number of users.
    /// </summary>
    /// <param name="limit">The maximum number of users in the result, 1 or more.</param>
    /// <param name="since">The time of the earliest activity that counts.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>
    /// A list of distinct users, the most recently active first. Callers treat any exception as a source that could not be read.
    /// </returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<IReadOnlyList<ActiveUser>> GetActiveUsersAsync(int limit, DateTimeOffset since, CancellationToken cancellationToken);
}
