namespace SessionRecovery.Warming;

/// <summary>Lists recently active users. Implemented by the credit store, or by a host with its own activity log.</summary>
public interface IActiveUserSource
{
    /// <summary>Reads users and their balances in one call to the store, regardless of the number of users.</summary>
    /// <param name="limit">The maximum number of users (not of log rows); 1 or more.</param>
    /// <param name="since">The earliest activity that counts.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>Distinct users, the most recently active first. Any exception means that the source could not be read.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<IReadOnlyList<ActiveUser>> GetActiveUsersAsync(int limit, DateTimeOffset since, CancellationToken cancellationToken);
}
