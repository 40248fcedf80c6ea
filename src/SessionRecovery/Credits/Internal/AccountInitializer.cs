using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Sessions;
using SessionRecovery.Shared;

namespace SessionRecovery.Credits.Internal;

/// <summary>
/// Creates an account for a signed-in user without one, with the initial amount of the store. Does nothing without a ledger.
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

    /// <summary>Returns whether a read of this session may create an account.</summary>
    public bool MayInitialize(UserSession session) => _isEnabledOnRead && (_predicate is null || _predicate(session));

    /// <summary>Creates the account, or joins the caller that is creating it.</summary>
    /// <param name="slot">The user's slot.</param>
    /// <param name="user">The user.</param>
    /// <param name="retryFailed">Whether a command that failed before is sent again; otherwise its result is returned again.</param>
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
        // A caller that read the slot just before another one created the account must not send a second command.
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
