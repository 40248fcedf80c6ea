namespace SessionRecovery.Health.Internal;

/// <summary>A probe's name and the way to create it.</summary>
/// <param name="Name">The name in reports: snake_case, at most 64 characters.</param>
/// <param name="Create">Resolves the probe from the scope of a check.</param>
internal sealed record ProbeRegistration(string Name, Func<IServiceProvider, ISessionProbe> Create);
