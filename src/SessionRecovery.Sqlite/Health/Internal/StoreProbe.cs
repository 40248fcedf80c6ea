using Microsoft.Data.Sqlite;
using SessionRecovery.Health;
using SessionRecovery.Sessions;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Health.Internal;

/// <summary>
/// Checks whether the store can write to the database. A failed check is reported as inconclusive, because it does not mean that the user's
/// sign-in is invalid.
/// </summary>
internal sealed class StoreProbe(SqliteDatabase database) : ISessionProbe
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int Full = 13;

    public async ValueTask<ProbeResult> ProbeAsync(UserSession session, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            await database.CheckWriteAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            return ProbeResult.Healthy();
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return ProbeResult.Inconclusive(exception switch
            {
                DatabaseMovedException => "store_file_moved",
                SqliteException { SqliteErrorCode: Busy or Locked } => "store_locked",
                SqliteException { SqliteErrorCode: ReadOnly } => "store_read_only",
                SqliteException { SqliteErrorCode: Full } => "store_disk_full",
                _ => "store_unreachable",
            });
        }
    }
}
