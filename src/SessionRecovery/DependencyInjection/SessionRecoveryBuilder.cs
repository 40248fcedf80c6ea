using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace SessionRecovery.DependencyInjection;

/// <summary>Adds to SessionRecovery: a credit source, a store, files. Every registration is a <c>TryAdd</c>, so a host can pre-empt it.</summary>
public sealed class SessionRecoveryBuilder
{
    /// <summary>Creates a builder over a service collection.</summary>
    public SessionRecoveryBuilder(IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        Services = services;
    }

    /// <summary>The authority that was registered because the host brought none; a provider may put its own in its place.</summary>
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)]
    internal Type? DefaultTokenVerifier { get; init; }

    /// <summary>The host's services.</summary>
    public IServiceCollection Services { get; }
}
