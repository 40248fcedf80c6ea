namespace RestartDrill.Settings;

/// <summary>An error that the drill can inject, to show that the drill detects it.</summary>
internal enum Fault
{
    None,

    /// <summary>
    /// The client loses its idempotency key, and repeats a request that has received no response with a new key. The user may therefore be
    /// charged twice.
    /// </summary>
    NewKeyOnRepeat,

    /// <summary>The store of the server charges each capture twice. Only a drill with named points can inject this fault.</summary>
    ChargeTwice,
}
