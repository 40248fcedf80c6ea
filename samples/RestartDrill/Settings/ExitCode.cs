namespace RestartDrill.Settings;

/// <summary>What the drill's end means to whoever started it.</summary>
internal static class ExitCode
{
    public const int NothingLost = 0;

    public const int SomethingLost = 1;

    /// <summary>
    /// No kill met a paid request, no repeat met work that was already paid, or something that can die was never killed: the drill says
    /// nothing about the product.
    /// </summary>
    public const int NothingProved = 2;

    /// <summary>EX_USAGE of sysexits.h.</summary>
    public const int BadArguments = 64;

    public const int Interrupted = 130;
}
