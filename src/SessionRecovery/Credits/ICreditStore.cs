namespace SessionRecovery.Credits;

/// <summary>A ledger: a balance that can be spent, with the append-only book behind it. Thread-safe.</summary>
/// <remarks>One contract fixture runs against every implementation; the contract is written down in docs/credits-contract.md.</remarks>
public interface ICreditStore : ICreditReader
{
    /// <summary>Applies one command, whole or not at all.</summary>
    /// <returns>
    /// The outcome, with the balance after it. <see cref="CreditCommandStatus.Busy"/> when the store is sure that nothing happened,
    /// <see cref="CreditCommandStatus.Unknown"/> (or any exception but misuse) when it can't tell: repeating the command is safe.
    /// </returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled; the command may have been applied.</exception>
    ValueTask<CreditCommandResult> ApplyAsync(CreditCommand command, CancellationToken cancellationToken);

    /// <summary>Checks the books: balance = sum of the ledger, versions without gaps, each hold ended once.</summary>
    /// <returns>One sentence for each fault; empty when all holds.</returns>
    ValueTask<IReadOnlyList<string>> AuditAsync(CancellationToken cancellationToken);
}
