namespace AudioStudio.Settings;

/// <summary>The exit codes of AudioStudio.</summary>
internal static class ExitCode
{
    public const int Stopped = 0;

    public const int Refused = 1;

    /// <summary>The web process reports <see cref="Refused"/> to its supervisor: a restart would fail in the same way.</summary>
    /// <remarks>EX_CONFIG of sysexits.h. It differs from 1, because Windows reports 1 for a killed process.</remarks>
    public const int RefusedToSupervisor = 78;
}
