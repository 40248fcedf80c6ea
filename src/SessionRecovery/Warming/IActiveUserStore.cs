using SessionRecovery.Sessions;

namespace SessionRecovery.Warming;

/// <summary>
/// Represents a source of active users that also records when a user was last active. Without such records, a credit store contains no
/// information about users who only read their balance. The stores of SessionRecovery implement this interface.
/// </summary>
public interface IActiveUserStore : IActiveUserSource
{
    /// <summary>
    /// Records that users are active now, in one call to the store. The method is called in the background about once a minute while users
    /// are active, and once when the host stops. The users of the last call come first in the list that the next start reads.
    /// </summary>
    /// <param name="users">
    /// Distinct users, the most recently active first; 1 to <see cref="WarmingOptions.MaxUsers"/>. Users without an account are ignored.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>A task that completes when the users are recorded. If the task fails, the users may not have been recorded.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask RecordAsync(IReadOnlyList<UserId> users, CancellationToken cancellationToken);
}
