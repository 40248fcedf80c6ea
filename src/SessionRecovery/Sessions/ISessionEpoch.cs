namespace SessionRecovery.Sessions;

/// <summary>
/// Identifies the server state that clients rely on. Without shared state it changes at every start. A client that receives an unknown
/// epoch performs a silent health check and nothing else.
/// </summary>
public interface ISessionEpoch
{
    /// <summary>
    /// Gets the current epoch: 1 to 64 visible ASCII characters. Thread-safe and cheap, because it is sent with every response.
    /// </summary>
    string Current { get; }
}
