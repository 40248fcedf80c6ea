namespace RestartDrill.Settings;

/// <summary>An error that the drill can inject, to show that the drill detects it.</summary>
internal enum Fault
{
    None,

    /// <summary>
    /// The client loses its idempotency key and repeats a request without a response with a new key, so that the user may be charged twice.
    /// </summary>
    NewKeyOnRepeat,

    /// <summary>The store of the server charges each capture twice. Only a drill with named points can inject this fault.</summary>
    ChargeTwice,
}
