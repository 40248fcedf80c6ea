namespace SessionRecovery.Credits.Internal;

/// <summary>Sends a command to the store and hands its balance to the cache.</summary>
internal sealed class CreditCommandSender(ResilientCreditStore store, CreditCache cache)
{
    public ValueTask<CreditCommandResult> SendAsync(CreditCommand command, CancellationToken cancellationToken) =>
        SendAsync(command, cache.GetSlot(command.User), cancellationToken);

    /// <param name="command">The command.</param>
    /// <param name="slot">The slot that was current when the caller decided to send the command.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    public async ValueTask<CreditCommandResult> SendAsync(CreditCommand command, CreditSlot slot, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var started = cache.Now;
        var result = CreditCommandResult.Unknown;
        try
        {
            result = await store.ApplyAsync(command, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (result.Balance is { } balance)
            {
                cache.Take(command.User, slot, balance, started);
            }
            else if (result.Status == CreditCommandStatus.Unknown)
            {
                // The command may have taken effect, so the cached balance may be older than it.
                cache.Invalidate(command.User);
            }
        }

        return result;
    }
}
