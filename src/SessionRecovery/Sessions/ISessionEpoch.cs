namespace SessionRecovery.Sessions;

/// <summary>
/// Provides the epoch, which identifies the server state that clients rely on. If the state is not shared between processes, the epoch
/// changes at every start. A client that receives an unknown epoch runs a health check in the background.
/// </summary>
public interface ISessionEpoch
{
    /// <summary>
    /// Gets the current epoch, which has 1 to 64 visible ASCII characters. The property must be thread-safe and fast, because every
    /// response contains the epoch.
    /// </summary>
    string Current { get; }
}
