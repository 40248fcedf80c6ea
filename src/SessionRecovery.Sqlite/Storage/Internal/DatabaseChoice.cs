using Microsoft.Data.Sqlite;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>The connection string of a call of <c>UseSqlite</c>.</summary>
internal sealed record DatabaseChoice(string ConnectionString)
{
    /// <summary>
    /// Returns the call as the host writes it, for messages. It contains only the path, because the rest may contain a password.
    /// </summary>
    public override string ToString()
    {
        try
        {
            return $"UseSqlite(\"Data Source={new SqliteConnectionStringBuilder(ConnectionString).DataSource}\")";
        }
        catch (ArgumentException)
        {
            return "UseSqlite() with an invalid connection string";
        }
    }
}
