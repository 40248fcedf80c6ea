using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SessionRecovery.Credits;
using SessionRecovery.DependencyInjection;
using SessionRecovery.Files;
using SessionRecovery.Health;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase;
using SessionRecovery.Supabase.Credits.Internal;
using SessionRecovery.Supabase.Files.Internal;
using SessionRecovery.Supabase.Health.Internal;
using SessionRecovery.Supabase.Internal;
using SessionRecovery.Supabase.Sessions.Internal;
using SessionRecovery.Supabase.Warming.Internal;
using SessionRecovery.Warming;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds Supabase to SessionRecovery.</summary>
public static class SupabaseSessionRecoveryBuilderExtensions
{
    /// <summary>
    /// Step 1 on Supabase: balances from the table that is there, no migration, nothing written. Continue with
    /// <see cref="UseSupabaseLedger"/> to spend, and with <see cref="AddSupabaseFiles"/>.
    /// </summary>
    /// <param name="builder">What <c>AddSessionRecovery</c> returned.</param>
    /// <param name="configure">Sets address, keys and names; the configuration, also the usual <c>SUPABASE_URL</c> and keys, may say them instead.</param>
    /// <exception cref="InvalidOperationException">There is another source of credits already.</exception>
    public static SessionRecoveryBuilder UseSupabase(this SessionRecoveryBuilder builder, Action<SupabaseOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder.Services.Any(static service => service.ServiceType == typeof(SupabaseFeatures)))
        {
            throw new InvalidOperationException("UseSupabase() was called twice; one call names the project.");
        }

        if (builder.Services.Any(static service => service.ServiceType == typeof(ICreditReader)))
        {
            throw new InvalidOperationException("UseSupabase() and another source of credits were both called: take the other line out.");
        }

        AddConnection(builder.Services, configure);
        AddAuthority(builder);
        builder.Services.TryAddSingleton<IActiveUserSource, TableActiveUsers>();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ISessionProbe, UpstreamProbe>());
        builder.Services.AddHostedService<StartCheck>();
        return builder.UseCreditReader<TableCreditReader>();
    }

    /// <summary>
    /// Step 2 on Supabase: the ledger in the project's own database, after the migrations that docs/supabase.md tells how to apply. Needs the secret key.
    /// </summary>
    /// <param name="builder">What <see cref="UseSupabase"/> returned.</param>
    /// <exception cref="InvalidOperationException"><see cref="UseSupabase"/> was not called before.</exception>
    public static SessionRecoveryBuilder UseSupabaseLedger(this SessionRecoveryBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        GetFeatures(builder, nameof(UseSupabaseLedger)).Ledger = true;
        Remove<TableCreditReader>(builder.Services);
        Remove<TableActiveUsers>(builder.Services);
        builder.Services.TryAddSingleton<IActiveUserSource, LedgerActiveUsers>();
        return builder.UseCreditStore<SupabaseCreditStore>();
    }

    /// <summary>The users' own files in Supabase Storage, in a private bucket with own-folder policies. Needs the secret key, for signed links.</summary>
    /// <param name="builder">What <see cref="UseSupabase"/> returned.</param>
    /// <param name="configure">Limits; <see cref="UserFileOptions.Folder"/> is where an upload is received before it is sent on, the system's temporary folder by default.</param>
    /// <exception cref="InvalidOperationException"><see cref="UseSupabase"/> was not called before.</exception>
    public static SessionRecoveryBuilder AddSupabaseFiles(this SessionRecoveryBuilder builder, Action<UserFileOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        GetFeatures(builder, nameof(AddSupabaseFiles)).Files = true;
        if (builder.Services.Any(static service => service.ServiceType == typeof(IFileStore)))
        {
            throw new InvalidOperationException("AddSupabaseFiles() and another file store were both called: take one line out.");
        }

        builder.Services.Configure<UserFileOptions>(static options => options.Folder = Path.GetTempPath());
        if (configure is not null)
        {
            builder.Services.Configure(configure);
        }

        builder.Services.TryAddSingleton<StorageBucket>();
        builder.Services.TryAddSingleton<IFileStore, SupabaseFileStore>();
        return builder;
    }

    private static void AddConnection(IServiceCollection services, Action<SupabaseOptions>? configure)
    {
        var options = services.AddOptions<SupabaseOptions>();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        options.Configure<IServiceProvider>(SupabaseSettings.Apply).ValidateOnStart();
        services.AddSingleton(new SupabaseFeatures());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SupabaseOptions>, SupabaseOptionsValidation>());
        services.TryAddSingleton(TimeProvider.System);

        // Addresses carry user ids, so the client's own request logs stay off; ours name faults and codes.
        services.AddHttpClient(SupabaseConnection.ClientName)
            .ConfigureHttpClient(static client =>
            {
                client.Timeout = Timeout.InfiniteTimeSpan;
                client.MaxResponseContentBufferSize = SupabaseConnection.MaxResponseLength;
            })
            .UseSocketsHttpHandler(static (handler, _) =>
            {
                handler.AllowAutoRedirect = false;
                handler.UseCookies = false;
                handler.PooledConnectionLifetime = TimeSpan.FromMinutes(2);

                // PostgREST closes an idle connection after 30 s, and a write on one that is just closing gets no answer.
                handler.PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20);
            })
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .RemoveAllLoggers();
        services.TryAddSingleton(static provider => ActivatorUtilities.CreateInstance<SupabaseConnection>(
            provider,
            provider.GetRequiredService<IHttpClientFactory>().CreateClient(SupabaseConnection.ClientName)));
        services.TryAddSingleton<SupabaseRetry>();
        services.TryAddSingleton<Postgrest>();
        services.TryAddSingleton<HiddenRows>();
        services.TryAddSingleton<LedgerFunctions>();
    }

    // Supabase Auth takes the place of the default authority, never of one that the host brought.
    private static void AddAuthority(SessionRecoveryBuilder builder)
    {
        var services = builder.Services;
        var current = services.LastOrDefault(static service => service.ServiceType == typeof(IAccessTokenVerifier));
        if (current is null || current.ImplementationType == builder.DefaultTokenVerifier)
        {
            if (current is not null)
            {
                services.Remove(current);
            }

            services.AddSingleton<IAccessTokenVerifier>(provider =>
                provider.GetRequiredService<IOptions<SupabaseOptions>>().Value.VerifyAtAuth || builder.DefaultTokenVerifier is null
                    ? ActivatorUtilities.CreateInstance<SupabaseTokenVerifier>(provider)
                    : (IAccessTokenVerifier)ActivatorUtilities.CreateInstance(provider, builder.DefaultTokenVerifier));
        }
    }

    private static void Remove<TImplementation>(IServiceCollection services)
    {
        foreach (var service in services.Where(static service => service.ImplementationType == typeof(TImplementation)).ToList())
        {
            services.Remove(service);
        }
    }

    private static SupabaseFeatures GetFeatures(SessionRecoveryBuilder builder, string method) =>
        builder.Services.LastOrDefault(static service => service.ServiceType == typeof(SupabaseFeatures))?.ImplementationInstance as SupabaseFeatures
        ?? throw new InvalidOperationException($"{method}() needs UseSupabase(…) before it.");
}
