namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Stops a handler that tries to take over the connection, for example for a WebSocket, after the capture of the credits has failed. The
/// client receives a problem response.
/// </summary>
internal sealed class PaidRequestRejectedException()
    : InvalidOperationException("The credits of this paid request could not be captured, so the connection is not handed over.");
