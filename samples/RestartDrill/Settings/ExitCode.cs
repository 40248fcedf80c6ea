namespace RestartDrill.Settings;

/// <summary>The exit codes of the drill.</summary>
internal static class ExitCode
{
    public const int NothingLost = 0;

    public const int SomethingLost = 1;

    /// <summary>
    /// The drill is inconclusive: no paid request was running at a kill, no repeated request found work that was already paid, or one
    /// process was never killed.
    /// </summary>
    public const int Inconclusive = 2;

    /// <summary>EX_USAGE of sysexits.h.</summary>
    public const int BadArguments = 64;

    public const int Interrupted = 130;
}
