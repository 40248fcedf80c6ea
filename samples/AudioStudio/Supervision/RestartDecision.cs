namespace AudioStudio.Supervision;

/// <summary>
/// Represents the decision after the exit of a web process: either a restart after a delay, or the end of the supervisor.
/// </summary>
/// <param name="Restarts">Whether the web process is restarted.</param>
/// <param name="Pause">The delay before the restart.</param>
/// <param name="ExitCode">The exit code of the supervisor when there is no restart.</param>
/// <param name="Message">The message for the user, or an empty string when the web process has already reported its error.</param>
internal readonly record struct RestartDecision(bool Restarts, TimeSpan Pause, int ExitCode, string Message)
{
    public static RestartDecision Restart(TimeSpan pause, string sentence) => new(true, pause, 0, sentence);

    public static RestartDecision Stop(int exitCode, string sentence = "") => new(false, TimeSpan.Zero, exitCode, sentence);
}
