namespace AudioStudio.Supervision;

/// <summary>Describes the exit of a web process.</summary>
/// <param name="Code">The exit code. On Unix, it is above 128 after a signal.</param>
/// <param name="WasReady">Whether the process had started to listen.</param>
/// <param name="Lived">The lifetime of the process.</param>
internal readonly record struct ChildExit(int Code, bool WasReady, TimeSpan Lived);
