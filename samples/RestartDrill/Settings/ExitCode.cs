namespace RestartDrill.Settings;

/// <summary>The exit codes of the drill.</summary>
internal static class ExitCode
{
    public const int NothingLost = 0;

    public const int SomethingLost = 1;

    /// <summary>The drill is inconclusive: no kill met a paid request, no repeat met paid work, or one victim was never killed.</summary>
    public const int Inconclusive = 2;

    /// <summary>EX_USAGE of sysexits.h.</summary>
    public const int BadArguments = 64;

    public const int Interrupted = 130;
}
