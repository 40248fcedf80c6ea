namespace SessionRecovery.Health.Internal;

/// <summary>A probe's name and its type.</summary>
/// <param name="Name">The name in reports: snake_case, at most 64 characters.</param>
/// <param name="Implementation">The type that the scope of a check resolves.</param>
internal sealed record ProbeRegistration(string Name, Type Implementation)
{
    /// <summary>Returns the call as the host writes it, for messages.</summary>
    public override string ToString() => $"AddProbe<{Implementation.Name}>(\"{Name}\")";
}
