using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SessionRecovery.Credits;
using SessionRecovery.DependencyInjection;
using SessionRecovery.Files;
using SessionRecovery.KeyRing;
using SessionRecovery.Sessions;
using SessionRecovery.Shared;
using SessionRecovery.Supabase;
using SessionRecovery.Supabase.Credits.Internal;
using SessionRecovery.Supabase.Files.Internal;
using SessionRecovery.Supabase.Health.Internal;
using SessionRecovery.Supabase.Http.Internal;
using SessionRecovery.Supabase.KeyRing.Internal;
using SessionRecovery.Supabase.Sessions.Internal;
using SessionRecovery.Supabase.Setup.Internal;
using SessionRecovery.Supabase.Warming.Internal;
using SessionRecovery.Warming;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extension methods that add Supabase to SessionRecovery.</summary>
public static class SupabaseSessionRecoveryBuilderExtensions
{
    /// <summary>
    /// Reads balances from an existing table of a Supabase project. The method requires no migration, and nothing is written to the table.
    /// <see cref="UseSupabaseLedger"/> adds a ledger that can spend credits, and <see cref="AddSupabaseFiles"/> adds files.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">
    /// A callback that sets the project URL, the keys and the names of tables. Options that the callback does not set come from the
    /// configuration section <c>SessionRecovery:Supabase</c>, or from the environment variables that <see cref="SupabaseOptions"/> lists.
    /// </param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException">The method was called twice.</exception>
    public static SessionRecoveryBuilder UseSupabase(this SessionRecoveryBuilder builder, Action<SupabaseOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var features = GetOrAddFeatures(builder);
        if (features.Connection)
        {
            throw new InvalidOperationException("UseSupabase() was called twice. Call it once.");
        }

        features.Connection = true;
        if (configure is not null)
        {
            builder.Services.AddOptions<SupabaseOptions>().Configure(configure);
        }

        return builder.UseCreditReader<TableCreditReader>("UseSupabase()");
    }

    /// <summary>
    /// Stores credits in a ledger in the database of the Supabase project. The method requires the database migrations (docs/supabase.md),
    /// the secret key and <see cref="UseSupabase"/>. <see cref="UseSupabase"/> can be called before or after this method. Users who signed
    /// in anonymously receive no account, unless <see cref="CreditOptions.InitializeAccount"/> is set.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static SessionRecoveryBuilder UseSupabaseLedger(this SessionRecoveryBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        GetOrAddFeatures(builder).Ledger = true;
        builder.Services.AddOptions<CreditOptions>().PostConfigure(static options => options.InitializeAccount ??= IsNotAnonymous);
        return builder.UseCreditStore<SupabaseCreditStore>("UseSupabaseLedger()", replacedReader: typeof(TableCreditReader));
    }

    /// <summary>
    /// Stores the files of users in a private bucket of Supabase Storage. Policies restrict each user to a folder. The method requires the
    /// secret key (for signed links) and <see cref="UseSupabase"/>. <see cref="UseSupabase"/> can be called before or after this method.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">
    /// A callback that sets limits and the folder <see cref="UserFileOptions.Folder"/>, in which an upload is first received. The default
    /// folder is the temporary folder of the operating system.
    /// </param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException">Another file store is already registered.</exception>
    public static SessionRecoveryBuilder AddSupabaseFiles(this SessionRecoveryBuilder builder, Action<UserFileOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        GetOrAddFeatures(builder).Files = true;
        if (configure is not null)
        {
            builder.Services.AddOptions<UserFileOptions>().Configure(configure);
        }

        builder.Services.TryAddSingleton<StorageBucket>();
        return builder.AddFileStore<SupabaseFileStore>();
    }

    // Users who signed in anonymously receive no account. A visitor can sign in anonymously any number of times and would receive the
    // initial credits each time.
    private static bool IsNotAnonymous(UserSession session) => session.Token is not { } token || !TokenClaims.Read(token).IsAnonymous;

    private static SupabaseFeatures GetOrAddFeatures(SessionRecoveryBuilder builder)
    {
        if (builder.Services.FirstOrDefault(
            static service => service.ServiceType == typeof(SupabaseFeatures)) is { ImplementationInstance: SupabaseFeatures added })
        {
            return added;
        }

        var features = new SupabaseFeatures();
        builder.Services.AddSingleton(features);
        AddOptions(builder);
        AddConnection(builder.Services);
        builder.UseAccessTokenVerifier(
            "UseSupabase()",
            static services => services.GetRequiredService<IOptions<SupabaseOptions>>().Value.VerifyAtAuth
                ? ActivatorUtilities.CreateInstance<SupabaseTokenVerifier>(services)
                : null);
        builder.AddProbe<UpstreamProbe>("upstream");
        builder.Services.TryAddSingleton<IActiveUserSource>(services => features.Ledger
            ? ActivatorUtilities.CreateInstance<LedgerActiveUsers>(services)
            : ActivatorUtilities.CreateInstance<TableActiveUsers>(services));
        builder.Services.AddHostedService<StartupCheck>();
        return features;
    }

    private static void AddOptions(SessionRecoveryBuilder builder)
    {
        builder.AddOptions<SupabaseOptions>("Supabase", static (section, options) => section.Bind(options)).ValidateOnStart();
        builder.Services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IPostConfigureOptions<SupabaseOptions>, SupabaseEnvironmentVariables>());
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SupabaseOptions>, SupabaseOptionsValidator>());
    }

    private static void AddConnection(IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);

        // The request logs of the HTTP client are disabled, because the URLs contain user ids. The provider logs failures and error codes
        // instead.
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

                // PostgREST closes an idle connection after 30 s. A request that is sent at that moment would receive no response, so the
                // client closes idle connections earlier.
                handler.PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20);
            })
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .RemoveAllLoggers();
        services.TryAddSingleton(static provider => ActivatorUtilities.CreateInstance<SupabaseConnection>(
            provider,
            provider.GetRequiredService<IHttpClientFactory>().CreateClient(SupabaseConnection.ClientName)));
        services.TryAddSingleton(Randomizer.Default);
        services.TryAddSingleton<SupabaseRetry>();
        services.TryAddSingleton<Postgrest>();
        services.TryAddSingleton<CredentialSource>();
        services.TryAddSingleton<HiddenRows>();
        services.TryAddSingleton<UpstreamCheck>();
        services.TryAddSingleton<IKeyRingStore, SupabaseKeyRingStore>();
        services.TryAddSingleton<LedgerFunctions>();
        services.TryAddSingleton<StoreClock>();
    }
}
