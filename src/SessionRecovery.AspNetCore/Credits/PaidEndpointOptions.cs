namespace SessionRecovery.AspNetCore.Credits;

/// <summary>Options of one paid endpoint.</summary>
public sealed class PaidEndpointOptions
{
    /// <summary>
    /// Gets or sets a value that indicates whether the response of the endpoint is a stream. The bytes of a stream are sent as the handler
    /// writes them, and the credits are captured when the handler completes. If the value is <see langword="false"/> (the default), a
    /// response is still treated as a stream in three cases: its content type is a streaming type such as <c>text/event-stream</c>, the
    /// handler calls <c>DisableBuffering()</c>, or the handler continues to run after its first write.
    /// </summary>
    public bool Streaming { get; set; }
}
