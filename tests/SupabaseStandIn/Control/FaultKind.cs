namespace SupabaseStandIn.Control;

/// <summary>The ways in which a service behind a network fails.</summary>
public enum FaultKind
{
    /// <summary>The connection is closed without an answer; the service saw nothing.</summary>
    Down,

    /// <summary>The connection is reset (RST) without an answer; the service saw nothing.</summary>
    Reset,

    /// <summary>Nothing comes, until the client gives up or the fault is cleared; the service saw nothing.</summary>
    Hang,

    /// <summary>The answer comes late.</summary>
    Slow,

    /// <summary>An answer of the gateway with the status given, as an HTML page; the service saw nothing.</summary>
    Status,

    /// <summary>429 of the platform, with <c>Retry-After</c> if the fault names one; the service saw nothing.</summary>
    TooManyRequests,

    /// <summary>The work is done and committed, and its answer is lost: the connection is closed instead.</summary>
    AnswerLost,
}
