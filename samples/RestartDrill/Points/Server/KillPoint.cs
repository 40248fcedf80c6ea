namespace RestartDrill.Points.Server;

/// <summary>Defines the points of a paid job at which the drill kills a process.</summary>
internal enum KillPoint
{
    /// <summary>The request has arrived, and the store has not yet received the command that reserves the credits.</summary>
    BeforeReserve,

    /// <summary>The credits are reserved, and the response of the store is lost.</summary>
    Reserved,

    /// <summary>The handler works.</summary>
    Working,

    /// <summary>The handler has completed, and the store has not yet received the command that captures the credits.</summary>
    Done,

    /// <summary>The credits are captured, and the response of the store is lost.</summary>
    Captured,

    /// <summary>The handler has failed, and the store has not yet received the command that releases the credits.</summary>
    Releasing,

    /// <summary>The credits are released, and the response of the store is lost.</summary>
    Released,

    /// <summary>
    /// The reservation has expired, another request has reserved the key again, and the store has rejected the late capture of the first
    /// request.
    /// </summary>
    TakenOver,

    /// <summary>A transaction of the embedded store has run several captures, and is not committed yet.</summary>
    GroupCommit,

    /// <summary>The client has received a part of a stream.</summary>
    Stream,
}
