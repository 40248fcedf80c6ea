namespace SessionRecovery.Credits;

/// <summary>
/// Represents a credit ledger, which stores balances that can be spent and an append-only record of every change. Implementations must be
/// thread-safe.
/// </summary>
/// <remarks>
/// The page docs/providers.md describes the contract of a store, and the package SessionRecovery.Testing tests it. A store needs no retries
/// and timeouts, because SessionRecovery provides them. A store reports a failure as a result or as a <see cref="CreditStoreException"/>.
/// </remarks>
public interface ICreditStore : ICreditReader
{
    /// <summary>Applies a command. The command takes effect either completely or not at all.</summary>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">Cancels the wait for the result. The command may still take effect.</param>
    /// <returns>
    /// The result with the balance after the command. The status is <see cref="CreditCommandStatus.Busy"/> only if nothing was changed, and
    /// <see cref="CreditCommandStatus.Unknown"/> if the command may have taken effect.
    /// </returns>
    /// <exception cref="CreditStoreException">
    /// The store could not be reached. If the exception is transient, the command may have taken effect. A permanent exception is also
    /// thrown for a user id for which the store cannot create an account.
    /// </exception>
    /// <exception cref="NotSupportedException">The store does not support the command.</exception>
    /// <exception cref="OperationCanceledException">
    /// <paramref name="cancellationToken"/> was canceled; the command may have taken effect.
    /// </exception>
    ValueTask<CreditCommandResult> ApplyAsync(CreditCommand command, CancellationToken cancellationToken);
}
