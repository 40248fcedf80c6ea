using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SessionRecovery.DependencyInjection;
using SessionRecovery.Files;
using SessionRecovery.KeyRing;
using SessionRecovery.Sqlite;
using SessionRecovery.Sqlite.Credits.Internal;
using SessionRecovery.Sqlite.Files.Internal;
using SessionRecovery.Sqlite.Health.Internal;
using SessionRecovery.Sqlite.Hosting.Internal;
using SessionRecovery.Sqlite.KeyRing.Internal;
using SessionRecovery.Sqlite.Storage.Internal;
using SessionRecovery.Sqlite.Warming.Internal;
using SessionRecovery.Warming;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extension methods that add the embedded SQLite store to SessionRecovery.</summary>
public static class SqliteSessionRecoveryBuilderExtensions
{
    /// <summary>
    /// Stores credits, the ledger, the file manifest and user activity in one SQLite file. Only one process at a time can use the file.
    /// When the host starts, it opens the file, or creates the file if it does not exist. If the file cannot be used, the host does not
    /// start.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="connectionString">
    /// The connection string, for example <c>Data Source=/data/credits.db</c>. The file must be on a disk that survives a deployment.
    /// </param>
    /// <param name="configure">A callback that sets further options.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="builder"/> or <paramref name="connectionString"/> is <see langword="null"/>.
    /// </exception>
    /// <exception cref="InvalidOperationException"><c>UseSqlite</c> was already called with another connection string.</exception>
    public static SessionRecoveryBuilder UseSqlite(
        this SessionRecoveryBuilder builder, string connectionString, Action<SqliteStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(connectionString);
        var services = builder.Services;
        AddChoice(services, new DatabaseChoice(connectionString));
        var options = builder.AddOptions<SqliteStoreOptions>("Sqlite", static (section, store) => section.Bind(store))
            .Configure(store => store.ConnectionString = connectionString)
            .ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SqliteStoreOptions>, SqliteStoreOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<SqliteStoreOptions>, OwnerLockDefault>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SqliteDatabase>();
        services.TryAddSingleton<IActiveUserSource, SqliteActiveUsers>();
        services.TryAddSingleton<IFileManifest, SqliteFileManifest>();
        services.TryAddSingleton<IKeyRingStore, SqliteKeyRingStore>();
        AddOnce(builder);
        return builder.UseCreditStore<SqliteCreditStore>("UseSqlite()");
    }

    private static void AddChoice(IServiceCollection services, DatabaseChoice choice)
    {
        var earlier = services.Select(static service => service.ImplementationInstance).OfType<DatabaseChoice>().FirstOrDefault();
        if (earlier is null)
        {
            services.AddSingleton(choice);
        }
        else if (earlier != choice)
        {
            throw new InvalidOperationException($"{earlier} and {choice} each choose the database. Remove one of the calls.");
        }
    }

    // Hosted services start in the order of registration and stop in reverse order. StoreLifecycle is registered first, so that the file is
    // opened before any other service starts, and is closed after all other services have stopped.
    private static void AddOnce(SessionRecoveryBuilder builder)
    {
        if (!builder.Services.Any(static service => service.ImplementationType == typeof(StoreLifecycle)))
        {
            builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService, StoreLifecycle>());
            builder.AddProbe<StoreProbe>("upstream");
        }
    }
}
