namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>Specifies the state of a paid request after its credits were reserved.</summary>
internal enum PaidRequestState
{
    /// <summary>The handler is running and its response is buffered. The credits are reserved.</summary>
    Buffering = 0,

    /// <summary>
    /// The response is a stream, and its bytes are sent as the handler writes them. The credits are reserved until the handler completes.
    /// </summary>
    Streaming,

    /// <summary>The credits were captured, and bytes are sent as the handler writes them.</summary>
    Passing,

    /// <summary>The credits were released, and the bytes of a large error response are sent as the handler writes them.</summary>
    PassingUnpaid,

    /// <summary>
    /// The capture failed before the first byte was sent. The handler's bytes are discarded, and a problem response is sent instead.
    /// </summary>
    Rejected,
}
