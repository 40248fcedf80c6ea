using SessionRecovery.Credits;
using SessionRecovery.Health;
using SessionRecovery.Sessions;

namespace SessionRecovery.Recovery;

/// <summary>
/// Represents a recovery in progress. The context contains the results of earlier steps, so that the token verifier and the store are not
/// called again. Only one step at a time uses the context.
/// </summary>
public sealed class RecoveryContext
{
    internal RecoveryContext(UserSession session, string trigger, SessionHealthReport health)
    {
        Session = session;
        Trigger = trigger;
        Health = health;
        LastRead = health.Credits ?? CreditReadResult.Unavailable;
    }

    /// <summary>Gets the session to recover.</summary>
    public UserSession Session { get; }

    /// <summary>Gets the reason for which the client requested the recovery. An unknown reason is replaced by <c>other</c>.</summary>
    public string Trigger { get; }

    /// <summary>Gets the report of the health check with which the recovery began.</summary>
    public SessionHealthReport Health { get; }

    /// <summary>
    /// Gets or sets the last balance read, which the result of the recovery contains. The health check sets the first value, and reloading
    /// the balance replaces it. The value is <see cref="CreditReadStatus.Unavailable"/> in a host without credits.
    /// </summary>
    public CreditReadResult LastRead { get; set; }
}
