namespace SessionRecovery.Sessions;

/// <summary>
/// The identity of the state that clients rely on. In one process without shared state it is new at every start; a client that sees
/// one it does not know checks itself quietly, no more.
/// </summary>
public interface ISessionEpoch
{
    /// <summary>The epoch now: 1 to 64 visible ASCII characters. Thread-safe and cheap: it is stamped on every response.</summary>
    string Current { get; }
}
