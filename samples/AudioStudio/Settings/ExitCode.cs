namespace AudioStudio.Settings;

/// <summary>What the program's end means to whoever started it.</summary>
internal static class ExitCode
{
    public const int Stopped = 0;

    public const int Refused = 1;

    /// <summary>The same as <see cref="Refused"/>, from a web process to its supervisor: starting it again would not help.</summary>
    /// <remarks>A number of its own (EX_CONFIG of sysexits.h), because 1 is also what Windows reports for a killed process.</remarks>
    public const int RefusedToSupervisor = 78;
}
