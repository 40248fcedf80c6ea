using SessionRecovery.Sessions;

namespace SessionRecovery.Credits.Internal;

/// <summary>Sends a command to the store and stores the balance of the result in the cache.</summary>
internal sealed class CreditCommandSender(ResilientCreditStore store, CreditCache cache)
{
    public async ValueTask<CreditCommandResult> SendAsync(CreditCommand command, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var result = CreditCommandResult.Unknown;
        try
        {
            var slot = cache.GetSlot(command.User);
            cache.MarkActive(slot);
            result = await ApplyAsync(command, slot, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (result is { Status: CreditCommandStatus.Unknown, Balance: null })
            {
                // The command may have taken effect, so the cached balance may no longer be current.
                cache.Invalidate(command.User);
            }
        }

        return result;
    }

    /// <summary>
    /// Creates the account of a user for whom a read found none. The slot is not replaced, because it holds no balance from before the
    /// account's creation. A new slot would contain neither the result nor the start of the load interval.
    /// </summary>
    /// <param name="user">The user.</param>
    /// <param name="slot">The slot of the read.</param>
    public ValueTask<CreditCommandResult> InitializeAsync(UserId user, CreditSlot slot) =>
        ApplyAsync(new CreditCommand.Initialize(user), slot, CancellationToken.None);

    private async ValueTask<CreditCommandResult> ApplyAsync(CreditCommand command, CreditSlot slot, CancellationToken cancellationToken)
    {
        var started = cache.Now;
        var result = await store.ApplyAsync(command, cancellationToken).ConfigureAwait(false);
        if (result.Balance is { } balance)
        {
            cache.Take(command.User, slot, balance, started);
        }

        return result;
    }
}
