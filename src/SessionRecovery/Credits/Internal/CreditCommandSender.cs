using SessionRecovery.Sessions;

namespace SessionRecovery.Credits.Internal;

/// <summary>Sends a command to the store and caches the balance from the result.</summary>
internal sealed class CreditCommandSender(ResilientCreditStore store, CreditCache cache)
{
    // Grants, refunds and adjustments do not mark the user as active, because they come from the host and not from the user.
    public async ValueTask<CreditCommandResult> SendAsync(CreditCommand command, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var result = CreditCommandResult.Unknown;
        try
        {
            var slot = cache.GetSlot(command.User);
            if (command is not (CreditCommand.Grant or CreditCommand.Refund or CreditCommand.Adjust))
            {
                cache.MarkActive(slot);
            }

            result = await ApplyAsync(command, slot, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (result is { Status: CreditCommandStatus.Unknown, Balance: null })
            {
                // The command may have taken effect, so the cached balance may be outdated.
                cache.Invalidate(command.User);
            }
        }

        return result;
    }

    /// <summary>
    /// Creates an account after a read found no account. The user's slot is kept, even if the result of the command is unknown, because the
    /// slot contains no balance that could be outdated. A new slot would not contain the time of the last load.
    /// </summary>
    /// <param name="user">The user.</param>
    /// <param name="slot">The slot that the read used.</param>
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
