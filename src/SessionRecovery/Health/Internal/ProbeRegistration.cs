namespace SessionRecovery.Health.Internal;

/// <summary>Represents the registration of a probe with its name and its type.</summary>
/// <param name="Name">The name in health reports: at most 64 characters in snake_case.</param>
/// <param name="Implementation">The type of the probe, which is resolved from the DI scope of a check.</param>
internal sealed record ProbeRegistration(string Name, Type Implementation)
{
    /// <summary>Formats the call with which the host registered the probe, for error messages.</summary>
    public override string ToString() => $"AddProbe<{Implementation.Name}>(\"{Name}\")";
}
