using Microsoft.Data.Sqlite;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>Represents the connection string that a call of <c>UseSqlite</c> specified.</summary>
internal sealed record DatabaseChoice(string ConnectionString)
{
    /// <summary>
    /// Formats the call of <c>UseSqlite</c> for error messages. The text contains only the path of the database, because the rest of the
    /// connection string may contain a password.
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
