using Microsoft.Extensions.Logging;
using SessionRecovery.Sessions;

namespace SessionRecovery.Credits.Internal;

/// <summary>Opens an account for a signed-in user who has none, with the store's own command and amount. Does nothing without a ledger.</summary>
internal sealed class AccountInitializer(CreditCache cache, StoreCalls calls, ILogger<AccountInitializer> logger, ICreditStore? store = null)
{
    /// <summary>Opens it, or waits for whoever is opening it.</summary>
    /// <param name="slot">The user's place in the cache.</param>
    /// <param name="user">The user.</param>
    /// <param name="mayRepeat">Whether a command that failed before is sent again; otherwise its outcome is told again.</param>
    public async Task<CreditReadResult> OpenAsync(CreditSlot slot, UserId user, bool mayRepeat)
    {
        if (store is null)
        {
            return CreditReadResult.NotFound;
        }

        var outcome = await slot.InitializeOnce(() => InitializeAsync(slot, store, user), mayRepeat).ConfigureAwait(false);
        return outcome switch
        {
            { Status: CreditCommandStatus.Done, Balance: { } balance } => CreditReadResult.Current(balance),
            { Status: CreditCommandStatus.Unknown or CreditCommandStatus.Busy } => CreditReadResult.Unavailable,
            _ => CreditReadResult.NotFound,
        };
    }

    private async Task<CreditCommandResult> InitializeAsync(CreditSlot slot, ICreditStore store, UserId user)
    {
        var started = cache.Now;
        var outcome = await calls.ApplyAsync(store, new CreditCommand.Initialize(user), CancellationToken.None).ConfigureAwait(false);
        if (outcome.Balance is { } balance)
        {
            cache.Take(user, slot, balance, started);
        }

        if (outcome.Created)
        {
            logger.AccountOpened(user);
        }

        return outcome;
    }
}
