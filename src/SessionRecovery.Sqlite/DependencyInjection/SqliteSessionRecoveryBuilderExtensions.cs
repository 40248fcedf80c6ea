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

/// <summary>Adds the embedded store to SessionRecovery.</summary>
public static class SqliteSessionRecoveryBuilderExtensions
{
    /// <summary>
    /// Stores credits, ledger, file manifest and activity in one SQLite file, which one process at a time uses. The file is opened, and
    /// created if necessary, when the host starts. A file that cannot be used fails the start.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="connectionString">For example <c>Data Source=/data/credits.db</c>: a file on a disk that survives a deploy.</param>
    /// <param name="configure">Sets further options.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="builder"/> or <paramref name="connectionString"/> is <see langword="null"/>.
    /// </exception>
    /// <exception cref="InvalidOperationException">The method was called before with another connection string.</exception>
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

    // Hosted services start in the order of registration and stop in reverse. The lifecycle is first, so that the file is open before any
    // other service reads it and closes after all of them have stopped.
    private static void AddOnce(SessionRecoveryBuilder builder)
    {
        if (!builder.Services.Any(static service => service.ImplementationType == typeof(StoreLifecycle)))
        {
            builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService, StoreLifecycle>());
            builder.AddProbe<StoreProbe>("upstream");
        }
    }
}
