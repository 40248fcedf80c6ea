using SessionRecovery.Resilience.Internal;

namespace SessionRecovery.Credits.Internal;

/// <summary>The tries of one command, with one key, and whether the answer of any of them was lost: then it may have been applied.</summary>
internal sealed class CommandTries(ICreditStore store, CreditCommand command)
{
    public bool LostAnAnswer { get; private set; }

    public async ValueTask<CreditCommandResult> ApplyAsync(CancellationToken cancellationToken)
    {
        try
        {
            // A store that ignores its token must not hold its caller for ever.
            var outcome = await store.ApplyAsync(command, cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            LostAnAnswer |= outcome.Status == CreditCommandStatus.Unknown;
            return outcome;
        }
        catch (Exception exception) when (exception is not CreditStoreException { IsTransient: false })
        {
            LostAnAnswer = true;
            throw;
        }
    }
}
