using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Sessions;
using SessionRecovery.Shared;

namespace SessionRecovery.Credits.Internal;

/// <summary>
/// Creates an account with the store's initial credits for a signed-in user without an account. The class does nothing if the host has no
/// ledger.
/// </summary>
internal sealed class AccountInitializer(
    CreditCommandSender sender,
    ResilientCreditStore store,
    IOptions<CreditOptions> options,
    ILogger<AccountInitializer> logger)
{
    private readonly SingleFlight<CreditSlot, CreditCommandResult> _running = new();

    private readonly bool _isEnabledOnRead = store.HasLedger && options.Value.InitializeOnRead;
    private readonly Func<UserSession, bool>? _predicate = options.Value.InitializeAccount;

    /// <summary>Returns a value that indicates whether a read for this session may create an account.</summary>
    public bool MayInitialize(UserSession session) => _isEnabledOnRead && (_predicate is null || _predicate(session));

    /// <summary>Creates the account. If another caller is already creating the account, the method waits for that result.</summary>
    /// <param name="slot">The cache slot of the user.</param>
    /// <param name="user">The user.</param>
    /// <param name="retryFailed">
    /// <see langword="true"/> to send the command again if it failed before; <see langword="false"/> to return the failed result again.
    /// </param>
    public async Task<CreditReadResult> InitializeAsync(CreditSlot slot, UserId user, bool retryFailed)
    {
        var result = slot.Initialization is { } known && (known.Succeeded || !retryFailed)
            ? known
            : await _running.RunAsync(slot, () => SendAsync(slot, user)).ConfigureAwait(false);
        return result switch
        {
            { Status: CreditCommandStatus.Done, Balance: { } balance } => CreditReadResult.Current(balance),
            { Status: CreditCommandStatus.Unknown or CreditCommandStatus.Busy } => CreditReadResult.Unavailable,
            _ => CreditReadResult.NotFound,
        };
    }

    private async Task<CreditCommandResult> SendAsync(CreditSlot slot, UserId user)
    {
        // Another caller may have created the account after this caller read the slot. If so, a second initialize command is unnecessary.
        if (slot.Initialization is { Succeeded: true } created)
        {
            return created;
        }

        var result = await sender.InitializeAsync(user, slot).ConfigureAwait(false);
        slot.Initialization = result;
        if (result.Created)
        {
            logger.AccountCreated(user);
        }

        return result;
    }
}
