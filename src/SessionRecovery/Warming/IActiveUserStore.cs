using SessionRecovery.Sessions;

namespace SessionRecovery.Warming;

/// <summary>
/// A source of active users that also keeps when a user was last active. Users who only read their balance leave no other trace in a
/// credit store. Implemented by the stores of SessionRecovery.
/// </summary>
public interface IActiveUserStore : IActiveUserSource
{
    /// <summary>
    /// Records that users are active now, in one call to the store. It is called in the background, about once a minute while users are
    /// active, and once when the host stops: the users of that call are the first of the next start's list.
    /// </summary>
    /// <param name="users">
    /// Distinct users, the most recently active first; 1 to <see cref="WarmingOptions.MaxUsers"/>. Users without an account are ignored.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>A task that completes when the users are recorded. Any exception means that they may not have been.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask RecordAsync(IReadOnlyList<UserId> users, CancellationToken cancellationToken);
}
