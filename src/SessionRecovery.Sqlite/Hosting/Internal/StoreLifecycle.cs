using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;
using SessionRecovery.Sqlite.Credits.Internal;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Hosting.Internal;

/// <summary>
/// Opens the database file before all other services start, and closes the file after all other services have stopped. After opening the
/// file, the class releases the reservations that requests in an earlier process left open.
/// </summary>
internal sealed class StoreLifecycle(SqliteDatabase database, SqliteCreditStore store) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await store.ReleaseLeasedReservationsAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (SqliteException exception)
        {
            await database.CloseAsync().ConfigureAwait(false);
            throw database.Explain(exception);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => database.CloseAsync();
}
