using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SessionRecovery.DependencyInjection;
using SessionRecovery.Files;
using SessionRecovery.Health;
using SessionRecovery.Sqlite;
using SessionRecovery.Sqlite.Credits.Internal;
using SessionRecovery.Sqlite.Files.Internal;
using SessionRecovery.Sqlite.Health.Internal;
using SessionRecovery.Sqlite.Storage.Internal;
using SessionRecovery.Sqlite.Warming.Internal;
using SessionRecovery.Warming;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the embedded store to SessionRecovery.</summary>
public static class SqliteSessionRecoveryBuilderExtensions
{
    /// <summary>
    /// Keeps credits, ledger, file manifest and activity in one SQLite file, which one process uses at a time. The file is opened, and
    /// created if need be, when the host starts; what is wrong with it is said then.
    /// </summary>
    /// <param name="builder">What <c>AddSessionRecovery</c> returned.</param>
    /// <param name="connectionString">Such as <c>Data Source=studio.db</c>: a file on a disk that survives a deploy.</param>
    /// <param name="configure">Sets further options.</param>
    public static SessionRecoveryBuilder UseSqlite(this SessionRecoveryBuilder builder, string connectionString, Action<SqliteStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(connectionString);

        var services = builder.Services;
        var options = services.AddOptions<SqliteStoreOptions>().Configure(store => store.ConnectionString = connectionString);
        if (configure is not null)
        {
            options.Configure(configure);
        }

        options.Configure<IServiceProvider>(SqliteStoreSettings.Apply).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SqliteStoreOptions>, SqliteStoreOptionsValidation>());

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SqliteDatabase>();
        services.TryAddSingleton<IActiveUserSource, SqliteActiveUsers>();
        services.TryAddSingleton<IFileManifest, SqliteFileManifest>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ISessionProbe, StoreProbe>());
        AddLifecycle(services);
        return builder.UseCreditStore<SqliteCreditStore>();
    }

    // Hosted services start in the order of registration and stop in reverse: first in line, the file is open before anyone
    // asks and closes after everyone has ended.
    private static void AddLifecycle(IServiceCollection services)
    {
        if (!services.Any(service => service.ImplementationType == typeof(StoreLifecycle)))
        {
            services.Insert(0, ServiceDescriptor.Singleton<IHostedService, StoreLifecycle>());
        }
    }
}
