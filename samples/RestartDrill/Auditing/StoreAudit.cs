using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RestartDrill.Server;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace RestartDrill.Auditing;

/// <summary>
/// Runs the audit of the store on a copy of the database. The store opens its file for writing, so it must not open the file of a running
/// application. The copy contains no lease owners, so that the store releases no reservations before the audit.
/// </summary>
internal static class StoreAudit
{
    /// <summary>Returns the faults that the store finds in a database.</summary>
    /// <exception cref="InvalidOperationException">
    /// The store cannot open the database. The message contains the path of the source.
    /// </exception>
    public static async Task<IReadOnlyList<string>> RunAsync(SqliteConnection source, CancellationToken stop)
    {
        using var folder = new TemporaryFolder();
        await using (var copy = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = folder.Database, Pooling = false }.ToString()))
        {
            await copy.OpenAsync(stop);
            source.BackupDatabase(copy);
            await using var command = copy.CreateCommand();
            command.CommandText = "update credit_reservations set lease_owner = null";
            await command.ExecuteNonQueryAsync(stop);
        }

        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMetrics();
        services.AddSessionRecoveryCore<NoTokenVerifier>().UseSqlite($"Data Source={folder.Database}");
        await using var provider = services.BuildServiceProvider();
        try
        {
            foreach (var service in provider.GetServices<IHostedService>().OfType<IHostedLifecycleService>())
            {
                await service.StartingAsync(stop);
            }
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidOperationException(
                exception.Message.Replace(folder.Database, source.DataSource, StringComparison.Ordinal), exception);
        }

        return await provider.GetRequiredService<ICreditStoreAudit>().AuditAsync(stop);
    }

    private sealed class NoTokenVerifier : IAccessTokenVerifier
    {
        public ValueTask<TokenVerificationResult> VerifyAsync(AccessToken token, CancellationToken cancellationToken) =>
            new(TokenVerificationResult.Unavailable);
    }
}
