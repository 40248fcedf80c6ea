namespace SessionRecovery.Warming;

/// <summary>Knows who was here lately. Implemented by the store, or by a host that keeps its own activity log.</summary>
public interface IActiveUserSource
{
    /// <summary>Reads users with their balances in one call to the store, whatever their number.</summary>
    /// <param name="limit">The most users, not log rows; at least 1.</param>
    /// <param name="since">Only users active at or after this moment.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <returns>Distinct users, the latest first. Any exception means that the source could not be asked.</returns>
    ValueTask<IReadOnlyList<ActiveUser>> GetActiveUsersAsync(int limit, DateTimeOffset since, CancellationToken cancellationToken);
}
