using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

/// <summary>
/// Spends credits; there is one only with a store. Every command goes to the store, is tried up to three times with the same key, and
/// its balance is what the cache takes. Thread-safe.
/// </summary>
/// <remarks>
/// All methods answer with a <see cref="CreditCommandResult"/>; <see cref="CreditCommandStatus.Unknown"/> means that it may have happened and
/// the same key is safe to repeat. A cancelled call throws <see cref="OperationCanceledException"/> and may have happened too.
/// Arguments outside their limits throw <see cref="ArgumentException"/> before anything is sent.
/// </remarks>
public interface ICreditLedger
{
    /// <summary>Opens the user's account with the store's initial amount, exactly once.</summary>
    ValueTask<CreditCommandResult> InitializeAsync(UserId user, CancellationToken cancellationToken = default);

    /// <summary>Spends <paramref name="amount"/> whole credits at once.</summary>
    ValueTask<CreditCommandResult> ConsumeAsync(UserId user, long amount, IdempotencyKey key, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Holds credits for work in progress.</summary>
    /// <param name="user">Whose credits.</param>
    /// <param name="amount">Whole credits.</param>
    /// <param name="key">Names the work.</param>
    /// <param name="lifetime">1 s to 24 h.</param>
    /// <param name="fingerprint">What the request was; another one under the same key is a conflict.</param>
    /// <param name="leaseOwner">Who does the work; <see langword="null"/> for a hold that outlives a restart.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<CreditCommandResult> ReserveAsync(UserId user, long amount, IdempotencyKey key, TimeSpan lifetime, string? fingerprint = null, Guid? leaseOwner = null, CancellationToken cancellationToken = default);

    /// <summary>Renews a hold of the current attempt.</summary>
    ValueTask<CreditCommandResult> RenewAsync(UserId user, Guid reservation, int attempt, TimeSpan lifetime, CancellationToken cancellationToken = default);

    /// <summary>Ends a hold by paying it.</summary>
    ValueTask<CreditCommandResult> CaptureAsync(UserId user, Guid reservation, int attempt, StoredResponse? response = null, CancellationToken cancellationToken = default);

    /// <summary>Ends a hold by giving the credits back.</summary>
    ValueTask<CreditCommandResult> ReleaseAsync(UserId user, Guid reservation, int attempt, CancellationToken cancellationToken = default);
}
