using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

/// <summary>Reads one user's balance. A host over its own table needs no more than this.</summary>
/// <remarks>Resolved in a scope of its own for every load, never on a request: several loads of different users run at once.</remarks>
public interface ICreditReader
{
    /// <summary>Reads from the store, not from a cache.</summary>
    /// <returns>
    /// <see cref="CreditReadStatus.Current"/>, <see cref="CreditReadStatus.NotFound"/> when the signed-in user has no account,
    /// <see cref="CreditReadStatus.Unauthenticated"/> only when the store refused the sign-in,
    /// <see cref="CreditReadStatus.Unavailable"/> (or any exception but a cancellation) when it could not be asked.
    /// </returns>
    ValueTask<CreditReadResult> ReadAsync(UserSession session, CancellationToken cancellationToken);
}
