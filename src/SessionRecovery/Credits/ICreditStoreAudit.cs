namespace SessionRecovery.Credits;

/// <summary>
/// Checks the invariants of a credit store, for tests and operators. A store may implement this interface, but does not have to.
/// </summary>
public interface ICreditStoreAudit
{
    /// <summary>
    /// Checks that every balance is the sum of its ledger entries, that versions have no gaps, and that every reservation ended at most
    /// once. The audit reads all accounts, so it should not run during a request.
    /// </summary>
    /// <param name="cancellationToken">Cancels the check.</param>
    /// <returns>
    /// One sentence for each rule that is violated, with the number of violations and the id of one affected user. The list is empty if the
    /// audit found no violation.
    /// </returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<IReadOnlyList<string>> AuditAsync(CancellationToken cancellationToken);
}
