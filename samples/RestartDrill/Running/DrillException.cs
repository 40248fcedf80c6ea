namespace RestartDrill.Running;

/// <summary>The exception that is thrown if the drill cannot continue. Its message is shown to the user of the drill.</summary>
internal sealed class DrillException(string message) : Exception(message);
