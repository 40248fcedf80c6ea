namespace SessionRecovery.AspNetCore.Credits;

/// <summary>Options of one paid endpoint.</summary>
public sealed class PaidEndpointOptions
{
    /// <summary>
    /// Gets or sets a value that indicates whether the endpoint streams: its bytes are sent as the handler writes them, and the credits are
    /// captured when the handler completes. Without it a response becomes a stream by its content type, such as <c>text/event-stream</c>,
    /// by <c>DisableBuffering()</c>, or when the handler continues to run after its first write. The default is <see langword="false"/>.
    /// </summary>
    public bool Streaming { get; set; }
}
