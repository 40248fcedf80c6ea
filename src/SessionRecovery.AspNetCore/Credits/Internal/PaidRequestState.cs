namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>The states of a paid request whose credits are reserved.</summary>
internal enum PaidRequestState
{
    /// <summary>The handler runs and its response is buffered. The credits are reserved.</summary>
    Buffering = 0,

    /// <summary>
    /// The response is a stream: bytes are sent as the handler writes them. The credits are reserved until the handler has completed.
    /// </summary>
    Streaming,

    /// <summary>The credits were captured, and bytes are sent as the handler writes them.</summary>
    Passing,

    /// <summary>The credits were released, and the bytes of a large error response are sent as the handler writes them.</summary>
    PassingUnpaid,

    /// <summary>The capture failed before the first byte: the handler's bytes are discarded and a problem is sent in their place.</summary>
    Rejected,

    /// <summary>The handler aborted the connection, or has written another number of bytes than its Content-Length.</summary>
    Aborted,
}
