namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>
/// The connection's own token, taken before any middleware of the host. A middleware may replace <c>RequestAborted</c>, for example to add
/// a timeout, and the two must be told apart.
/// </summary>
internal sealed class ClientConnection(CancellationToken disconnected)
{
    public CancellationToken Disconnected { get; } = disconnected;
}
