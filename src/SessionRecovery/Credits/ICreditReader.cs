using SessionRecovery.Sessions;

namespace SessionRecovery.Credits;

/// <summary>Reads one user's balance. A host over its own table needs no more than this.</summary>
/// <remarks>Resolved in a scope of its own for every load, never on a request: several loads of different users run at once.</remarks>
public interface ICreditReader
{
    /// <summary>Reads from the store, not from a cache.</summary>
    /// <returns>
    /// <see cref="CreditReadingStatus.Known"/>, <see cref="CreditReadingStatus.Missing"/> when the signed-in user has no account,
    /// <see cref="CreditReadingStatus.Unauthenticated"/> only when the store refused the sign-in,
    /// <see cref="CreditReadingStatus.Unavailable"/> (or any exception but a cancellation) when it could not be asked.
    /// </returns>
    ValueTask<CreditReading> ReadAsync(UserSession session, CancellationToken cancellationToken);
}
