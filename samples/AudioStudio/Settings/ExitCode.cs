namespace AudioStudio.Settings;

/// <summary>The exit codes of AudioStudio.</summary>
internal static class ExitCode
{
    public const int Stopped = 0;

    public const int Refused = 1;

    /// <summary>
    /// The exit code of a web process that a supervisor has started and that cannot start. The supervisor does not restart the web process,
    /// because a restart would fail in the same way. A process without a supervisor ends with <see cref="Refused"/> instead.
    /// </summary>
    /// <remarks>The value is EX_CONFIG of sysexits.h. The value 1 is not used, because Windows reports 1 for a killed process.</remarks>
    public const int RefusedToSupervisor = 78;
}
