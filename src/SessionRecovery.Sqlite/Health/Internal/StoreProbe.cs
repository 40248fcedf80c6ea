using SessionRecovery.Health;
using SessionRecovery.Sessions;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Health.Internal;

/// <summary>Checks whether the database can be read. A failure does not concern the sign-in, so it is inconclusive.</summary>
internal sealed class StoreProbe(SqliteDatabase database) : ISessionProbe
{
    public ValueTask<ProbeResult> ProbeAsync(UserSession session, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            database.Read(connection => connection.Scalar("select id from settings"));
            return ValueTask.FromResult(ProbeResult.Healthy());
        }
        catch (Exception)
        {
            return ValueTask.FromResult(ProbeResult.Inconclusive("store_unreachable"));
        }
    }
}
