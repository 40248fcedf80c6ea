namespace RestartDrill.Running;

/// <summary>The drill can't go on; the message is for whoever started it.</summary>
internal sealed class DrillException(string message) : Exception(message);
