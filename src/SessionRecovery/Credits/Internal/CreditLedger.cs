using SessionRecovery.Sessions;

namespace SessionRecovery.Credits.Internal;

/// <summary>Every command goes to the store; the outcome's balance is what the cache takes.</summary>
internal sealed class CreditLedger(ICreditStore store, StoreCalls calls, CreditCache cache) : ICreditLedger
{
    public ValueTask<CreditCommandResult> InitializeAsync(UserId user, CancellationToken cancellationToken = default) =>
        ApplyAsync(new CreditCommand.Initialize(user), cancellationToken);

    public ValueTask<CreditCommandResult> ConsumeAsync(UserId user, long amount, IdempotencyKey key, string? reason = null, CancellationToken cancellationToken = default) =>
        ApplyAsync(new CreditCommand.Consume(user, amount, key, reason), cancellationToken);

    public ValueTask<CreditCommandResult> ReserveAsync(UserId user, long amount, IdempotencyKey key, TimeSpan lifetime, string? fingerprint = null, Guid? leaseOwner = null, CancellationToken cancellationToken = default) =>
        ApplyAsync(new CreditCommand.Reserve(user, amount, key, lifetime, fingerprint, leaseOwner), cancellationToken);

    public ValueTask<CreditCommandResult> RenewAsync(UserId user, Guid reservation, int attempt, TimeSpan lifetime, CancellationToken cancellationToken = default) =>
        ApplyAsync(new CreditCommand.Renew(user, reservation, attempt, lifetime), cancellationToken);

    public ValueTask<CreditCommandResult> CaptureAsync(UserId user, Guid reservation, int attempt, StoredResponse? response = null, CancellationToken cancellationToken = default) =>
        ApplyAsync(new CreditCommand.Capture(user, reservation, attempt, response), cancellationToken);

    public ValueTask<CreditCommandResult> ReleaseAsync(UserId user, Guid reservation, int attempt, CancellationToken cancellationToken = default) =>
        ApplyAsync(new CreditCommand.Release(user, reservation, attempt), cancellationToken);

    private async ValueTask<CreditCommandResult> ApplyAsync(CreditCommand command, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var outcome = await ApplyToSlotAsync(command, cancellationToken).ConfigureAwait(false);
        if (outcome.Status == CreditCommandStatus.NotInitialized && command is CreditCommand.Consume or CreditCommand.Reserve)
        {
            var opened = await ApplyToSlotAsync(new CreditCommand.Initialize(command.User), cancellationToken).ConfigureAwait(false);
            if (opened.Status == CreditCommandStatus.Done)
            {
                return await ApplyToSlotAsync(command, cancellationToken).ConfigureAwait(false);
            }
        }

        return outcome;
    }

    private async ValueTask<CreditCommandResult> ApplyToSlotAsync(CreditCommand command, CancellationToken cancellationToken)
    {
        var slot = cache.GetSlot(command.User);
        var started = cache.Now;
        var outcome = CreditCommandResult.Unknown;
        try
        {
            outcome = await calls.ApplyAsync(store, command, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (outcome.Balance is { } balance)
            {
                cache.Take(command.User, slot, balance, started);
            }
            else if (outcome.Status == CreditCommandStatus.Unknown)
            {
                // It may have happened: what is cached may be from before it.
                cache.Drop(command.User);
            }
        }

        return outcome;
    }
}
