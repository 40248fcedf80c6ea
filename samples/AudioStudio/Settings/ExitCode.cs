namespace AudioStudio.Settings;

/// <summary>The exit codes of AudioStudio.</summary>
internal static class ExitCode
{
    public const int Stopped = 0;

    public const int Refused = 1;

    /// <summary>Defines the exit codes. The web process ends with <see cref="Refused"/> if a restart would fail in the same way.</summary>
    /// <remarks>The value is EX_CONFIG of sysexits.h. The value 1 is not used, because Windows reports 1 for a killed process.</remarks>
    public const int RefusedToSupervisor = 78;
}
