namespace AudioStudio.Supervision;

/// <summary>How a web process ended.</summary>
/// <param name="Code">Its exit code; above 128 on Unix when a signal ended it.</param>
/// <param name="WasReady">Whether it had come as far as listening.</param>
/// <param name="Lived">From its start to its end.</param>
internal readonly record struct ChildExit(int Code, bool WasReady, TimeSpan Lived);
