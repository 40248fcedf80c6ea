namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Stops a handler that takes over the connection, for example for a WebSocket, if the credits could not be captured. The client receives a
/// problem response.
/// </summary>
internal sealed class PaidRequestRejectedException()
    : InvalidOperationException("The credits of this paid request could not be captured, so the connection is not handed over.");
