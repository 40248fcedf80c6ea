namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>
/// Holds the original cancellation token of the request. The token is read before any middleware of the host runs, because middleware may
/// replace <c>RequestAborted</c>, for example to add a timeout. The original token makes it possible to distinguish a timeout from a client
/// disconnect.
/// </summary>
internal sealed class ClientConnection(CancellationToken disconnected)
{
    public CancellationToken Disconnected { get; } = disconnected;
}
