using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

/// <summary>
/// Spends credits; there is one only with a store. Every command goes to the store, is tried up to three times with the same key, and
/// its balance is what the cache takes. Thread-safe.
/// </summary>
/// <remarks>
/// All methods answer with a <see cref="CreditOutcome"/>; <see cref="CreditOutcomeStatus.Unknown"/> means that it may have happened and
/// the same key is safe to repeat. A cancelled call throws <see cref="OperationCanceledException"/> and may have happened too.
/// Arguments outside their limits throw <see cref="ArgumentException"/> before anything is sent.
/// </remarks>
public interface ICreditLedger
{
    /// <summary>Opens the user's account with the store's initial amount, exactly once.</summary>
    ValueTask<CreditOutcome> InitialiseAsync(UserId user, CancellationToken cancellationToken = default);

    /// <summary>Spends <paramref name="amount"/> whole credits at once.</summary>
    ValueTask<CreditOutcome> ConsumeAsync(UserId user, long amount, IdempotencyKey key, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Holds credits for work in progress.</summary>
    /// <param name="user">Whose credits.</param>
    /// <param name="amount">Whole credits.</param>
    /// <param name="key">Names the work.</param>
    /// <param name="timeToLive">1 s to 24 h.</param>
    /// <param name="fingerprint">What the request was; another one under the same key is a conflict.</param>
    /// <param name="runner">Who does the work; <see langword="null"/> for a hold that outlives a restart.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<CreditOutcome> ReserveAsync(UserId user, long amount, IdempotencyKey key, TimeSpan timeToLive, string? fingerprint = null, Guid? runner = null, CancellationToken cancellationToken = default);

    /// <summary>Renews a hold of the current attempt.</summary>
    ValueTask<CreditOutcome> ExtendAsync(UserId user, Guid reservation, int attempt, TimeSpan timeToLive, CancellationToken cancellationToken = default);

    /// <summary>Ends a hold by paying it.</summary>
    ValueTask<CreditOutcome> CaptureAsync(UserId user, Guid reservation, int attempt, StoredResponse? response = null, CancellationToken cancellationToken = default);

    /// <summary>Ends a hold by giving the credits back.</summary>
    ValueTask<CreditOutcome> ReleaseAsync(UserId user, Guid reservation, int attempt, CancellationToken cancellationToken = default);
}
