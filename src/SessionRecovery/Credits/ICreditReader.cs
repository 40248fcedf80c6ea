using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

/// <summary>Reads a user's balance from the store. A host that keeps balances in its own table implements only this interface.</summary>
/// <remarks>
/// Each read resolves the reader in a new DI scope, which is independent of the current HTTP request. Reads for different users run
/// concurrently. A reader needs no cache, retries or timeouts, because SessionRecovery provides them.
/// </remarks>
/// <example>
/// <code>
/// public sealed class OwnTable(AppDbContext database, TimeProvider time) : ICreditReader
/// {
///     public async ValueTask&lt;CreditReadResult&gt; ReadAsync(UserSession session, CancellationToken cancellationToken)
///     {
///         var asOf = time.GetUtcNow();
///         var row = await database.Wallets.FindAsync([session.User.Value], cancellationToken);
///         return row is null ? CreditReadResult.NotFound : CreditReadResult.Current(new CreditBalance(row.Credits, asOf));
///     }
/// }
///
/// builder.Services.AddSessionRecovery().UseCreditReader&lt;OwnTable&gt;();
/// </code>
/// </example>
public interface ICreditReader
{
    /// <summary>Reads the balance from the store. Implementations must not return a cached balance.</summary>
    /// <param name="session">The session. The session contains the user's token if the host has one.</param>
    /// <param name="cancellationToken">Canceled when the read exceeds <see cref="CreditOptions.AttemptTimeout"/>.</param>
    /// <returns>
    /// <see cref="CreditReadStatus.Current"/> with the balance. <see cref="CreditReadStatus.NotFound"/> if the user has no account.
    /// <see cref="CreditReadStatus.Unauthenticated"/> only if the store rejected the access token.
    /// <see cref="CreditReadStatus.Unavailable"/> if the store could not be read.
    /// </returns>
    /// <exception cref="CreditStoreException">The store could not be read. The exception specifies whether a retry may succeed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken);
}
