namespace RestartDrill.Settings;

/// <summary>An error that the drill can inject, to show that the drill detects it.</summary>
internal enum Fault
{
    None,

    /// <summary>
    /// The client loses its idempotency key and repeats a request without a response under a new key, so that the user is charged twice.
    /// </summary>
    NewKeyOnRepeat,

    /// <summary>The store of the server charges each capture twice. Only the drill at named points has this fault.</summary>
    ChargeTwice,
}
