namespace AudioStudio.Supervision;

/// <summary>What follows the end of a web process: another one after a pause, or the end of the supervisor too.</summary>
/// <param name="Restarts">Whether another one is started.</param>
/// <param name="Pause">How long to wait before that.</param>
/// <param name="ExitCode">What the supervisor ends with, when nothing is started.</param>
/// <param name="Sentence">What to tell whoever watches; empty when the web process has told it.</param>
internal readonly record struct RestartDecision(bool Restarts, TimeSpan Pause, int ExitCode, string Sentence)
{
    public static RestartDecision Restart(TimeSpan pause, string sentence) => new(true, pause, 0, sentence);

    public static RestartDecision Stop(int exitCode, string sentence = "") => new(false, TimeSpan.Zero, exitCode, sentence);
}
