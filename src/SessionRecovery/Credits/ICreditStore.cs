namespace SessionRecovery.Credits;

/// <summary>A credit ledger: balances that can be spent, with an append-only record of every change. Thread-safe.</summary>
/// <remarks>
/// The contract is described in docs/providers.md and tested by the fixture of the package SessionRecovery.Testing. A store needs no
/// retries and timeouts: SessionRecovery retries, and a store reports a failure by a result or by <see cref="CreditStoreException"/>.
/// </remarks>
public interface ICreditStore : ICreditReader
{
    /// <summary>Applies one command, entirely or not at all.</summary>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">Cancels the wait; the command may take effect nevertheless.</param>
    /// <returns>
    /// The result, with the balance after the command. <see cref="CreditCommandStatus.Busy"/> only if nothing was changed;
    /// <see cref="CreditCommandStatus.Unknown"/> if the effect is not known.
    /// </returns>
    /// <exception cref="CreditStoreException">
    /// The store could not be reached; the command may have taken effect if the exception is transient. A permanent exception also reports
    /// a user id for which the store cannot create an account.
    /// </exception>
    /// <exception cref="NotSupportedException">The store does not support the command.</exception>
    /// <exception cref="OperationCanceledException">
    /// <paramref name="cancellationToken"/> was canceled; the command may have taken effect.
    /// </exception>
    ValueTask<CreditCommandResult> ApplyAsync(CreditCommand command, CancellationToken cancellationToken);
}
