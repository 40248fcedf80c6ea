using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

/// <summary>Balances for display: cached, retried, never a wrong zero. Thread-safe. A debit never asks here, it asks the store.</summary>
public interface ICreditService
{
    /// <summary>Reads a balance, from the cache while it is fresh.</summary>
    /// <returns>
    /// <see cref="CreditReadStatus.Current"/>; <see cref="CreditReadStatus.Stale"/> when the store is unreachable and an earlier value is at hand;
    /// <see cref="CreditReadStatus.NotFound"/>; <see cref="CreditReadStatus.Unauthenticated"/>;
    /// <see cref="CreditReadStatus.Unavailable"/> when nothing is known, or nothing as new as the caller's versionToken.
    /// </returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled: that ends this caller's wait, not the load that others share.</exception>
    ValueTask<CreditReadResult> ReadAsync(UserSession session, CreditReadOptions options = default, CancellationToken cancellationToken = default);

    /// <summary>For a host that has just changed a balance with SQL of its own: makes every earlier load of this user void and reads anew.</summary>
    /// <inheritdoc cref="ReadAsync" path="/returns|/exception"/>
    ValueTask<CreditReadResult> RefreshAsync(UserSession session, CancellationToken cancellationToken = default);

    /// <summary>Makes every earlier load of this user void; the next read asks the store. The last value stays for an outage.</summary>
    void Invalidate(UserId user);

    /// <summary>Forgets all that is cached for this user, as at a sign-out.</summary>
    void Forget(UserId user);
}
