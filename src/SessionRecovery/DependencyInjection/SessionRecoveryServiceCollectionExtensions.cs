using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SessionRecovery.Credits;
using SessionRecovery.DependencyInjection;
using SessionRecovery.DependencyInjection.Internal;
using SessionRecovery.Diagnostics.Internal;
using SessionRecovery.Files;
using SessionRecovery.Health;
using SessionRecovery.Health.Internal;
using SessionRecovery.Recovery;
using SessionRecovery.Recovery.Internal;
using SessionRecovery.Sessions;
using SessionRecovery.Sessions.Internal;
using SessionRecovery.Warming;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the core of SessionRecovery. A web host calls <c>AddSessionRecovery</c> of the ASP.NET Core package, which calls this.</summary>
public static class SessionRecoveryServiceCollectionExtensions
{
    /// <summary>Registers epoch, health and recovery; credits, warming and files come with the builder's methods.</summary>
    /// <typeparam name="TVerifier">Who decides whether a token is good.</typeparam>
    /// <remarks>The host brings logging and metrics, as every generic host does.</remarks>
    public static SessionRecoveryBuilder AddSessionRecoveryCore<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TVerifier>(
        this IServiceCollection services)
        where TVerifier : class, IAccessTokenVerifier
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(Randomizer.Default);
        services.TryAddSingleton<CoreMetrics>();
        services.TryAddSingleton<ISessionEpoch, ProcessEpoch>();
        services.TryAddSingleton<IAccessTokenVerifier, TVerifier>();
        services.TryAddSingleton<ISessionHealthMonitor, SessionHealthMonitor>();
        services.TryAddSingleton<ISessionRecoveryService, SessionRecoveryService>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ISessionProbe, TokenProbe>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRecoveryStep, VerifyStep>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<CreditOptions>, OptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<HealthOptions>, OptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RecoveryOptions>, OptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<WarmingOptions>, OptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<UserFileOptions>, OptionsValidator>());
        return new SessionRecoveryBuilder(services) { DefaultTokenVerifier = typeof(TVerifier) };
    }
}
