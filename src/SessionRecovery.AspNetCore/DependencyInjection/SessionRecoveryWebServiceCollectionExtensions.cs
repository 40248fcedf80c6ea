using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SessionRecovery.AspNetCore.Credits;
using SessionRecovery.AspNetCore.Credits.Internal;
using SessionRecovery.AspNetCore.Diagnostics.Internal;
using SessionRecovery.AspNetCore.Files.Internal;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.AspNetCore.Sessions;
using SessionRecovery.AspNetCore.Sessions.Internal;
using SessionRecovery.AspNetCore.Warming.Internal;
using SessionRecovery.Credits;
using SessionRecovery.DependencyInjection;
using SessionRecovery.Files;
using SessionRecovery.Health;
using SessionRecovery.Recovery;
using SessionRecovery.Warming;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The first of the host's two lines.</summary>
public static class SessionRecoveryWebServiceCollectionExtensions
{
    /// <summary>
    /// Step 0 of adoption: epoch, health, recovery and the browser module, over the host's own authentication scheme. Options bind from
    /// the configuration section <c>SessionRecovery</c>. Continue with <c>UseCreditReader</c>, <c>UseSqlite</c> or <c>UseSupabase</c>, and <c>AddLocalFiles</c>.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configureSession">How a request's session is found, where the default won't do.</param>
    public static SessionRecoveryBuilder AddSessionRecovery(this IServiceCollection services, Action<UserSessionOptions>? configureSession = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddLogging();
        services.AddMetrics();
        services.AddRouting();
        services.AddAuthentication();
        services.AddAuthorization();
        services.AddDataProtection();
        if (!services.Any(static service => service.ServiceType == typeof(WebMetrics)))
        {
            // A second check of the same name would stop the host.
            services.AddHealthChecks().AddCheck<CacheWarmingHealthCheck>("session_recovery_warm_up", tags: ["ready"]);
        }

        services.TryAddSingleton<SessionReader>();
        services.TryAddSingleton<WebMetrics>();
        services.TryAddSingleton<FileLinks>();
        services.TryAddSingleton<SetupCheck>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, SessionRecoveryStartupFilter>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PaidRequestOptions>, PaidRequestOptionsValidator>());
        BindOptions(services);
        if (configureSession is not null)
        {
            services.Configure(configureSession);
        }

        var builder = services.AddSessionRecoveryCore<SchemeTokenVerifier>();
        services.AddHostedService<CacheWarmingService>();
        return builder;
    }

    // One by one, since the binder's generator needs to see each type.
    private static void BindOptions(IServiceCollection services)
    {
        services.AddOptions<CreditOptions>().BindConfiguration("SessionRecovery:Credits").ValidateOnStart();
        services.AddOptions<HealthOptions>().BindConfiguration("SessionRecovery:Health").ValidateOnStart();
        services.AddOptions<RecoveryOptions>().BindConfiguration("SessionRecovery:Recovery").ValidateOnStart();
        services.AddOptions<WarmingOptions>().BindConfiguration("SessionRecovery:Warming").ValidateOnStart();
        services.AddOptions<PaidRequestOptions>().BindConfiguration("SessionRecovery:PaidRequests").ValidateOnStart();
        services.AddOptions<UserSessionOptions>().BindConfiguration("SessionRecovery:Session");
        services.AddOptions<UserFileOptions>().BindConfiguration("SessionRecovery:Files");
    }
}
