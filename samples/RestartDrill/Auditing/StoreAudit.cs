using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;

namespace RestartDrill.Auditing;

/// <summary>
/// Runs the audit of the store on a copy of a database. The store opens its file for writing, so it must not open the file of a running
/// application.
/// </summary>
internal static class StoreAudit
{
    /// <summary>Returns the faults that the store finds in a database.</summary>
    /// <exception cref="InvalidOperationException">The store cannot open the copy. The message contains the path of the source.</exception>
    public static async Task<IReadOnlyList<string>> RunAsync(DatabaseCopy copy, string source, CancellationToken stop)
    {
        await RemoveLeaseOwnersAsync(copy, stop);
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMetrics();
        services.AddSessionRecoveryCore<NoTokenVerifier>().UseSqlite($"Data Source={copy.Path}");
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
            throw new InvalidOperationException(exception.Message.Replace(copy.Path, source, StringComparison.Ordinal), exception);
        }

        return await provider.GetRequiredService<ICreditStoreAudit>().AuditAsync(stop);
    }

    // Without lease owners, the store releases no reservations when it opens the copy.
    private static async Task RemoveLeaseOwnersAsync(DatabaseCopy copy, CancellationToken stop)
    {
        await using var connection = await copy.OpenAsync(stop);
        await using var command = connection.CreateCommand();
        command.CommandText = "update credit_reservations set lease_owner = null";
        await command.ExecuteNonQueryAsync(stop);
    }

    private sealed class NoTokenVerifier : IAccessTokenVerifier
    {
        public ValueTask<TokenVerificationResult> VerifyAsync(AccessToken token, CancellationToken cancellationToken) =>
            new(TokenVerificationResult.Unavailable);
    }
}
