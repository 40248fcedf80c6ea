using SessionRecovery.Credits;
using SessionRecovery.Health;
using SessionRecovery.Sessions;

namespace SessionRecovery.Recovery;

/// <summary>
/// One recovery in progress. It carries earlier results, so that the verifier and the store are not called again. Used by one step at a
/// time.
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

    /// <summary>Gets the reason for which the client requested the recovery; an unknown reason is <c>other</c>.</summary>
    public string Trigger { get; }

    /// <summary>Gets the report of the health check with which the recovery began.</summary>
    public SessionHealthReport Health { get; }

    /// <summary>
    /// Gets or sets the last balance read: first that of the health check, later that of the reload. The result of the recovery contains
    /// it. <see cref="CreditReadStatus.Unavailable"/> in a host without credits.
    /// </summary>
    public CreditReadResult LastRead { get; set; }
}
