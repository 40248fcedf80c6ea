namespace RestartDrill.Points.Server;

/// <summary>The points of a paid job at which the drill kills a process.</summary>
internal enum KillPoint
{
    /// <summary>The request has arrived, and the store has not received the reservation.</summary>
    BeforeReserve,

    /// <summary>The credits are reserved, and the response of the store is lost.</summary>
    Reserved,

    /// <summary>The handler works.</summary>
    Working,

    /// <summary>The handler has completed, and the store has not received the capture.</summary>
    Done,

    /// <summary>The credits are captured, and the response of the store is lost.</summary>
    Captured,

    /// <summary>The handler has failed, and the store has not received the release.</summary>
    Releasing,

    /// <summary>The credits are released, and the response of the store is lost.</summary>
    Released,

    /// <summary>The reservation has expired, another request works, and the store has rejected the late capture.</summary>
    TakenOver,

    /// <summary>A transaction of the embedded store has run several captures, and is not committed.</summary>
    GroupCommit,

    /// <summary>The client has received a part of a stream.</summary>
    Stream,
}
