namespace SupabaseStandIn.Control;

/// <summary>Specifies the type of a simulated network failure.</summary>
public enum FaultKind
{
    /// <summary>The connection is closed without a response. The request does not reach the service.</summary>
    Down,

    /// <summary>The connection is reset (RST) without a response. The request does not reach the service.</summary>
    Reset,

    /// <summary>No response arrives until the client disconnects or the fault is cleared. The request does not reach the service.</summary>
    Hang,

    /// <summary>The response is delayed.</summary>
    Slow,

    /// <summary>The gateway responds with the given status and an HTML page. The request does not reach the service.</summary>
    Status,

    /// <summary>The platform responds with 429 and an optional <c>Retry-After</c>. The request does not reach the service.</summary>
    TooManyRequests,

    /// <summary>The service commits the work, but the connection is closed without the response.</summary>
    ResponseLost,
}
