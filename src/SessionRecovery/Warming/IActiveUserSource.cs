using SessionRecovery.Sessions;

namespace SessionRecovery.Warming;

/// <summary>
/// Lists recently active users. A credit store implements this interface. A host that has its own activity log can also implement it.
/// </summary>
public interface IActiveUserSource
{
    /// <summary>
    /// Reads recently active users and their balances. The source must make only one call to the store, regardless of the number of users.
    /// </summary>
    /// <param name="limit">The maximum number of users in the result, 1 or more.</param>
    /// <param name="since">The earliest time of an activity. Users who were active only before this time are not listed.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>
    /// A list of distinct users, the most recently active first. If the method throws an exception, callers assume that the source could
    /// not be read.
    /// </returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<IReadOnlyList<ActiveUser>> GetActiveUsersAsync(int limit, DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>
    /// Reads the balances of given users in one call to the store. The method is called after a start if the previous process handed over
    /// its active users through the host's distributed cache.
    /// </summary>
    /// <param name="users">Distinct users; 1 to <see cref="WarmingOptions.MaxUsers"/>.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>
    /// The users that have a balance; <see langword="null"/> if the source cannot read the balances of given users. In this case, the
    /// balances are read one by one from the host's reader. The default implementation returns <see langword="null"/>.
    /// </returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<IReadOnlyList<ActiveUser>?> GetUsersAsync(IReadOnlyList<UserId> users, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<ActiveUser>?>(null);
}
