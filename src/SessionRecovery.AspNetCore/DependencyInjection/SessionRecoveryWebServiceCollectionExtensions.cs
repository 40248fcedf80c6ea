using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SessionRecovery.AspNetCore;
using SessionRecovery.AspNetCore.Credits;
using SessionRecovery.AspNetCore.Credits.Internal;
using SessionRecovery.AspNetCore.Files.Internal;
using SessionRecovery.AspNetCore.Hosting.Internal;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.AspNetCore.KeyRing.Internal;
using SessionRecovery.AspNetCore.Sessions;
using SessionRecovery.AspNetCore.Sessions.Internal;
using SessionRecovery.AspNetCore.Setup.Internal;
using SessionRecovery.AspNetCore.Warming.Internal;
using SessionRecovery.Credits;
using SessionRecovery.DependencyInjection;
using SessionRecovery.Files;
using SessionRecovery.Health;
using SessionRecovery.Hosting;
using SessionRecovery.Recovery;
using SessionRecovery.Warming;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extension methods that register SessionRecovery in a web host.</summary>
public static class SessionRecoveryWebServiceCollectionExtensions
{
    /// <summary>
    /// Registers the session epoch, health checks, recovery and the browser module, which use the host's own authentication scheme. To add
    /// credits, call <c>UseCreditReader</c>, <c>UseSqlite</c> or <c>UseSupabase</c> on the returned builder. To add files, call
    /// <c>AddLocalFiles</c>. Options are bound to the configuration section <c>SessionRecovery</c>, and values set in code override the
    /// configuration.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">A callback that sets options of any feature. The callback runs once per feature.</param>
    /// <returns>A builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is <see langword="null"/>.</exception>
    /// <example>
    /// <code>
    /// var builder = WebApplication.CreateBuilder(args);
    /// builder.Services.AddAuthentication().AddJwtBearer();
    /// builder.Services.AddSessionRecovery(o => o.Credits.CacheDuration = TimeSpan.FromSeconds(10))
    ///     .UseSqlite("Data Source=/data/credits.db");
    ///
    /// var app = builder.Build();
    /// app.MapSessionRecovery();
    /// app.Run();
    /// </code>
    /// </example>
    public static SessionRecoveryBuilder AddSessionRecovery(
        this IServiceCollection services, Action<SessionRecoveryOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        AddFramework(services);
        services.TryAddSingleton(static _ => new SessionRecoveryJson(SessionRecoveryJsonContext.Default.Options));
        services.TryAddSingleton<SessionReader>();
        services.TryAddSingleton<SessionMetrics>();
        services.TryAddSingleton<FileLinks>();
        services.TryAddSingleton<FileMetrics>();
        services.TryAddSingleton<RunningUploads>();
        services.TryAddSingleton<AttributedEndpoints>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<MatcherPolicy, PaidAttributePolicy>());
        services.TryAddSingleton<StartupCheck>();
        services.TryAddSingleton<RequestDrain>();
        services.TryAddSingleton<IRequestDrain>(static provider => provider.GetRequiredService<RequestDrain>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, SessionRecoveryStartupFilter>());
        services.TryAddEnumerable(ServiceDescriptor.Transient<IApiDescriptionProvider, SessionRecoveryApiDescriptionProvider>());
        var builder = services.AddSessionRecoveryCore<SchemeTokenVerifier>();
        builder.AddOptions<PaidRequestOptions>("PaidRequests", static (section, options) => section.Bind(options)).ValidateOnStart();
        builder.AddOptions<UserSessionOptions>("Session", static (section, options) => section.Bind(options)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<UserSessionOptions>, UserSessionOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PaidRequestOptions>, PaidRequestOptionsValidator>());
        services.AddHostedService<CacheWarmingService>();
        if (configure is not null)
        {
            Configure(services, configure);
        }

        return builder;
    }

    private static void AddFramework(IServiceCollection services)
    {
        services.AddLogging();
        services.AddMetrics();
        services.AddRouting();
        services.AddHttpContextAccessor();
        services.AddAuthentication();
        services.AddAuthorization();
        SessionChallenge.AddTo(services);
        services.AddDataProtection();
        WatchedDataProtectionProvider.AddTo(services);
        services.TryAddSingleton<KeyRingHazard>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, KeyRingStart>());
        if (!services.Any(static service => service.ServiceType == typeof(SessionMetrics)))
        {
            // The health checks are added only once, because the host does not start with two health checks of the same name.
            services.AddHealthChecks()
                .AddCheck<CacheWarmingHealthCheck>("session_recovery_warm_up", tags: ["ready"])
                .AddCheck<KeyRingHealthCheck>("session_recovery_keys", HealthStatus.Degraded, tags: ["hazard"])
                .AddCheck<StoppingHealthCheck>("session_recovery_stopping", tags: ["ready"]);
        }
    }

    private static void Configure(IServiceCollection services, Action<SessionRecoveryOptions> configure)
    {
        services.Configure<UserSessionOptions>(options => configure(new SessionRecoveryOptions { Session = options }));
        services.Configure<CreditOptions>(options => configure(new SessionRecoveryOptions { Credits = options }));
        services.Configure<PaidRequestOptions>(options => configure(new SessionRecoveryOptions { PaidRequests = options }));
        services.Configure<HealthOptions>(options => configure(new SessionRecoveryOptions { Health = options }));
        services.Configure<RecoveryOptions>(options => configure(new SessionRecoveryOptions { Recovery = options }));
        services.Configure<WarmingOptions>(options => configure(new SessionRecoveryOptions { Warming = options }));
        services.Configure<UserFileOptions>(options => configure(new SessionRecoveryOptions { Files = options }));
    }
}
