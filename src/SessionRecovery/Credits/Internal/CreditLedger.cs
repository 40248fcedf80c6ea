using SessionRecovery.Sessions;

namespace SessionRecovery.Credits.Internal;

/// <summary>Every command goes to the store; the outcome's balance is what the cache takes.</summary>
internal sealed class CreditLedger(ICreditStore store, StoreCalls calls, CreditCache cache) : ICreditLedger
{
    public ValueTask<CreditOutcome> InitialiseAsync(UserId user, CancellationToken cancellationToken = default) =>
        ApplyAsync(new CreditCommand.Initialise(user), cancellationToken);

    public ValueTask<CreditOutcome> ConsumeAsync(UserId user, long amount, IdempotencyKey key, string? reason = null, CancellationToken cancellationToken = default) =>
        ApplyAsync(new CreditCommand.Consume(user, amount, key, reason), cancellationToken);

    public ValueTask<CreditOutcome> ReserveAsync(UserId user, long amount, IdempotencyKey key, TimeSpan timeToLive, string? fingerprint = null, Guid? runner = null, CancellationToken cancellationToken = default) =>
        ApplyAsync(new CreditCommand.Reserve(user, amount, key, timeToLive, fingerprint, runner), cancellationToken);

    public ValueTask<CreditOutcome> ExtendAsync(UserId user, Guid reservation, int attempt, TimeSpan timeToLive, CancellationToken cancellationToken = default) =>
        ApplyAsync(new CreditCommand.Extend(user, reservation, attempt, timeToLive), cancellationToken);

    public ValueTask<CreditOutcome> CaptureAsync(UserId user, Guid reservation, int attempt, StoredResponse? response = null, CancellationToken cancellationToken = default) =>
        ApplyAsync(new CreditCommand.Capture(user, reservation, attempt, response), cancellationToken);

    public ValueTask<CreditOutcome> ReleaseAsync(UserId user, Guid reservation, int attempt, CancellationToken cancellationToken = default) =>
        ApplyAsync(new CreditCommand.Release(user, reservation, attempt), cancellationToken);

    private async ValueTask<CreditOutcome> ApplyAsync(CreditCommand command, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var outcome = await ApplyToSlotAsync(command, cancellationToken).ConfigureAwait(false);
        if (outcome.Status == CreditOutcomeStatus.NotInitialised && command is CreditCommand.Consume or CreditCommand.Reserve)
        {
            var opened = await ApplyToSlotAsync(new CreditCommand.Initialise(command.User), cancellationToken).ConfigureAwait(false);
            if (opened.Status == CreditOutcomeStatus.Done)
            {
                return await ApplyToSlotAsync(command, cancellationToken).ConfigureAwait(false);
            }
        }

        return outcome;
    }

    private async ValueTask<CreditOutcome> ApplyToSlotAsync(CreditCommand command, CancellationToken cancellationToken)
    {
        var slot = cache.SlotOf(command.User);
        var started = cache.Now;
        var outcome = CreditOutcome.Unknown;
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
            else if (outcome.Status == CreditOutcomeStatus.Unknown)
            {
                // It may have happened: what is cached may be from before it.
                cache.Drop(command.User);
            }
        }

        return outcome;
    }
}
