namespace RestartDrill.Running;

/// <summary>The drill cannot continue. The message is shown to the user of the drill.</summary>
internal sealed class DrillException(string message) : Exception(message);
