namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>
/// Holds the request's own cancellation token from before any middleware of the host ran. A middleware may replace <c>RequestAborted</c>,
/// for example to add a timeout, and a timeout must be distinguished from a client disconnect.
/// </summary>
internal sealed class ClientConnection(CancellationToken disconnected)
{
    public CancellationToken Disconnected { get; } = disconnected;
}
