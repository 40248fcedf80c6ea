using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SessionRecovery.Credits;
using SessionRecovery.Credits.Internal;
using SessionRecovery.DependencyInjection;
using SessionRecovery.Files;
using SessionRecovery.Files.Internal;
using SessionRecovery.Health;
using SessionRecovery.Health.Internal;
using SessionRecovery.Recovery;
using SessionRecovery.Recovery.Internal;
using SessionRecovery.Sessions;
using SessionRecovery.Sessions.Internal;
using SessionRecovery.Shared;
using SessionRecovery.Warming;
using SessionRecovery.Warming.Internal;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Extension methods that register the core of SessionRecovery. A web host calls <c>AddSessionRecovery</c> of the ASP.NET Core package
/// instead, which also registers the core.
/// </summary>
public static class SessionRecoveryServiceCollectionExtensions
{
    /// <summary>
    /// Registers the session epoch, health checks and recovery. Credits, the cache warm-up and files are added by methods of the returned
    /// builder. Options are bound to the configuration section <c>SessionRecovery</c>, and values set in code override the configuration.
    /// The host must register logging and metrics, which a generic .NET host does by default.
    /// </summary>
    /// <typeparam name="TVerifier">
    /// The type of the default token verifier, which is used if neither the host nor a provider registers another one.
    /// </typeparam>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">A callback that sets options of any feature. The callback runs once per feature.</param>
    /// <returns>A builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is <see langword="null"/>.</exception>
    /// <example>
    /// The following example configures a worker without ASP.NET Core:
    /// <code>
    /// builder.Services.AddSessionRecoveryCore&lt;OwnVerifier&gt;(o => o.Warming.Enabled = false)
    ///     .UseSqlite("Data Source=/data/credits.db");
    /// </code>
    /// </example>
    public static SessionRecoveryBuilder AddSessionRecoveryCore<[DynamicallyAccessedMembers(
        DynamicallyAccessedMemberTypes.PublicConstructors)] TVerifier>(
        this IServiceCollection services, Action<SessionRecoveryCoreOptions>? configure = null)
        where TVerifier : class, IAccessTokenVerifier
    {
        ArgumentNullException.ThrowIfNull(services);
        var builder = new SessionRecoveryBuilder(services);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(Randomizer.Default);
        services.TryAddSingleton<ISessionEpoch, ProcessEpoch>();
        services.TryAddSingleton<ITokenVerificationService, TokenVerificationService>();
        services.TryAddSingleton<ISessionHealthMonitor, SessionHealthMonitor>();
        services.TryAddSingleton<RecoveryMetrics>();
        services.TryAddSingleton<SessionRecoveryRunner>();
        services.TryAddSingleton<ISessionRecoveryService, SessionRecoveryService>();
        AddTokenVerifier<TVerifier>(services);
        builder.AddProbe<TokenProbe>(TokenProbe.Name).AddRecoveryStep<VerifyStep>();
        AddOptions(builder);
        if (configure is not null)
        {
            Configure(services, configure);
        }

        return builder;
    }

    private static void AddTokenVerifier<[DynamicallyAccessedMembers(
        DynamicallyAccessedMemberTypes.PublicConstructors)] TVerifier>(IServiceCollection services)
        where TVerifier : class, IAccessTokenVerifier
    {
        services.TryAddSingleton<TokenVerifierSelector>();
        services.TryAddSingleton(static provider => provider.GetRequiredService<TokenVerifierSelector>().Create(provider));
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<TokenVerifierSelector.Selection>, TokenVerifierSelector>());
        services.AddOptions<TokenVerifierSelector.Selection>().ValidateOnStart();
        if (!services.Any(static service =>
            service.ImplementationInstance is TokenVerifierRegistration { Rank: TokenVerifierRank.Default }))
        {
            services.AddSingleton(new TokenVerifierRegistration(
                TokenVerifierRank.Default,
                "AddSessionRecovery()",
                static provider => ActivatorUtilities.CreateInstance<TVerifier>(provider)));
        }
    }

    // Each section is bound with a separate call, because the configuration binding source generator needs one call per type.
    private static void AddOptions(SessionRecoveryBuilder builder)
    {
        builder.AddOptions<CreditOptions>("Credits", static (section, options) => section.Bind(options)).ValidateOnStart();
        builder.AddOptions<HealthOptions>("Health", static (section, options) => section.Bind(options)).ValidateOnStart();
        builder.AddOptions<RecoveryOptions>("Recovery", static (section, options) => section.Bind(options)).ValidateOnStart();
        builder.AddOptions<WarmingOptions>("Warming", static (section, options) => section.Bind(options)).ValidateOnStart();
        builder.AddOptions<UserFileOptions>("Files", static (section, options) => section.Bind(options));
        var services = builder.Services;
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<CreditOptions>, CreditOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<HealthOptions>, HealthOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RecoveryOptions>, RecoveryOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<WarmingOptions>, WarmingOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<UserFileOptions>, UserFileOptionsValidator>());
    }

    private static void Configure(IServiceCollection services, Action<SessionRecoveryCoreOptions> configure)
    {
        services.Configure<CreditOptions>(options => configure(new SessionRecoveryCoreOptions { Credits = options }));
        services.Configure<HealthOptions>(options => configure(new SessionRecoveryCoreOptions { Health = options }));
        services.Configure<RecoveryOptions>(options => configure(new SessionRecoveryCoreOptions { Recovery = options }));
        services.Configure<WarmingOptions>(options => configure(new SessionRecoveryCoreOptions { Warming = options }));
        services.Configure<UserFileOptions>(options => configure(new SessionRecoveryCoreOptions { Files = options }));
    }
}
