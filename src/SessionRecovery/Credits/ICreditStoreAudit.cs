namespace SessionRecovery.Credits;

/// <summary>Checks the invariants of a credit store. An optional interface of stores, for tests and operators.</summary>
public interface ICreditStoreAudit
{
    /// <summary>
    /// Checks that every balance is the sum of its ledger rows, that versions have no gaps, and that every reservation ended at most once.
    /// Reads all accounts; it is not meant for the path of a request.
    /// </summary>
    /// <param name="cancellationToken">Cancels the check.</param>
    /// <returns>One sentence for each fault. The list is empty if the audit found no fault.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<IReadOnlyList<string>> AuditAsync(CancellationToken cancellationToken);
}
