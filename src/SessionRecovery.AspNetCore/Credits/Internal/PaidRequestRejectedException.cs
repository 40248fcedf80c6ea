namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Ends a handler that takes over the connection, for example for a WebSocket, after the capture of its credits failed. The client
/// receives the problem.
/// </summary>
internal sealed class PaidRequestRejectedException()
    : InvalidOperationException("The credits of this paid request could not be captured, so the connection is not handed over.");
