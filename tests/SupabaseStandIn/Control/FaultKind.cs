namespace SupabaseStandIn.Control;

/// <summary>Specifies the type of a simulated network failure.</summary>
public enum FaultKind
{
    /// <summary>The connection is closed without a response. The service receives nothing.</summary>
    Down,

    /// <summary>The connection is reset (RST) without a response. The service receives nothing.</summary>
    Reset,

    /// <summary>No response arrives until the client disconnects or the fault is cleared. The service receives nothing.</summary>
    Hang,

    /// <summary>The response is delayed.</summary>
    Slow,

    /// <summary>The gateway responds with the given status and an HTML page. The service receives nothing.</summary>
    Status,

    /// <summary>The platform responds with 429 and an optional <c>Retry-After</c>. The service receives nothing.</summary>
    TooManyRequests,

    /// <summary>The service commits the work, but the connection is closed without the response.</summary>
    ResponseLost,
}
