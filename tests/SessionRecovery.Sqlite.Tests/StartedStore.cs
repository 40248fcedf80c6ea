using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SessionRecovery.Credits;
using SessionRecovery.Files;
using SessionRecovery.Sessions;
using SessionRecovery.Warming;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>A SQLite store that is registered with <c>UseSqlite</c> and is started and stopped like a store in a host.</summary>
internal sealed class StartedStore : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private StartedStore(ServiceProvider services) => _services = services;

    public ICreditStore Credits => Get<ICreditStore>();

    public ICreditStoreAudit Audit => Get<ICreditStoreAudit>();

    public IActiveUserSource ActiveUsers => Get<IActiveUserSource>();

    public IFileManifest Files => Get<IFileManifest>();

    public static async Task<StartedStore> StartAsync(
        string connectionString,
        TimeProvider? clock = null,
        Action<SqliteStoreOptions>? configure = null,
        CollectedLogs? logs = null,
        TimeSpan minRefreshInterval = default)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => _ = logs is null ? logging : logging.AddProvider(logs));
        services.AddMetrics();
        services.AddSingleton(clock ?? TimeProvider.System);
        services.Configure<CreditOptions>(options => options.MinRefreshInterval = minRefreshInterval);
        services.AddSessionRecoveryCore<NoTokenVerifier>().UseSqlite(connectionString, configure);
        var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
        try
        {
            foreach (var service in provider.GetServices<IHostedService>().OfType<IHostedLifecycleService>())
            {
                await service.StartingAsync(CancellationToken.None);
            }
        }
        catch
        {
            await provider.DisposeAsync();
            throw;
        }

        return new StartedStore(provider);
    }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public async Task StopAsync()
    {
        foreach (var service in _services.GetServices<IHostedService>().OfType<IHostedLifecycleService>().Reverse())
        {
            await service.StoppedAsync(CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _services.DisposeAsync();
    }

    /// <summary>Changes the database file as a database tool would.</summary>
    public static void ExecuteRawSql(string connectionString, string sql)
    {
        using var connection = new SqliteConnection(connectionString + ";Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private sealed class NoTokenVerifier : IAccessTokenVerifier
    {
        public ValueTask<TokenVerificationResult> VerifyAsync(AccessToken token, CancellationToken cancellationToken) =>
            new(TokenVerificationResult.Unavailable);
    }
}
