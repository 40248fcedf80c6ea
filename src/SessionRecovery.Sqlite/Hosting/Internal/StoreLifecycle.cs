using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;
using SessionRecovery.Hosting;
using SessionRecovery.Sqlite.Credits.Internal;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Hosting.Internal;

/// <summary>
/// Opens the database file before all other services start, and releases the reservations that requests in an earlier process left open.
/// As soon as the last request has ended, the class hands the file over to the next process. After all other services have stopped, the
/// class closes the file.
/// </summary>
internal sealed class StoreLifecycle(SqliteDatabase database, SqliteCreditStore store, IRequestDrain? drain = null)
    : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _stopped = new();
    private Task _handOver = Task.CompletedTask;

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

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _handOver = drain is null ? Task.CompletedTask : HandOverAsync(drain);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await _stopped.CancelAsync().ConfigureAwait(false);
        try
        {
            await _handOver.ConfigureAwait(false);
        }
        finally
        {
            await database.CloseAsync().ConfigureAwait(false);
        }
    }

    public void Dispose() => _stopped.Dispose();

    private async Task HandOverAsync(IRequestDrain requests)
    {
        try
        {
            if (await requests.WaitAsync(_stopped.Token).ConfigureAwait(false))
            {
                await database.HandOverAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            // The wait for the last request was canceled because all services have stopped. The caller closes the file in this case.
        }
    }
}
