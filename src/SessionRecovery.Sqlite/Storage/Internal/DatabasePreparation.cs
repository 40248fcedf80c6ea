using Microsoft.Extensions.Logging;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>Prepares a database file that was just opened: creates or upgrades the schema and sets the mode of the connection.</summary>
internal static class DatabasePreparation
{
    // The write-ahead log is copied into the database after 32 MiB instead of after 4 MiB. With the larger limit, a page that changes often
    // is copied less often. The limit is not larger still, because the first start after a crash reads the whole log, and the write that
    // copies the log takes longer.
    private const string LogLimit = "pragma wal_autocheckpoint = 8192";

    /// <summary>Prepares the database, and returns its incarnation.</summary>
    /// <param name="writer">The writer connection. The caller holds the owner lock.</param>
    /// <param name="location">The paths of the database files.</param>
    /// <param name="isInspected">Whether the file was already checked before the owner lock was acquired.</param>
    /// <param name="initialCredits">The credits of a new account.</param>
    /// <param name="now">The current time.</param>
    /// <param name="logger">The log of the database.</param>
    /// <exception cref="InvalidOperationException">The database cannot be used.</exception>
    public static string Prepare(
        StoreConnection writer, DatabaseLocation location, bool isInspected, long initialCredits, DateTimeOffset now, ILogger logger)
    {
        var exists = Check(writer, location, isInspected);
        if (writer.Scalar("pragma journal_mode = wal") is not "wal")
        {
            throw new InvalidOperationException(
                $"The credit database '{location.Path}' is on a file system without shared memory, such as a network share; put it on a "
                + "local disk.");
        }

        writer.Run("pragma synchronous = full");
        writer.Run(LogLimit);
        if (exists)
        {
            Upgrade(writer, location, logger);
        }

        var incarnation = writer.InTransaction(connection =>
        {
            if (!exists)
            {
                Schema.Create(connection, initialCredits, now);
            }

            connection.Execute(
                "update settings set initial_amount = $initial where initial_amount <> $initial", ("$initial", initialCredits));
            return (string)connection.Scalar("select incarnation from settings where id = 1")!;
        });

        if (exists)
        {
            logger.DatabaseOpened(location.FileName);
        }
        else
        {
            logger.DatabaseCreated(location.FileName);
        }

        return incarnation;
    }

    private static void Upgrade(StoreConnection writer, DatabaseLocation location, ILogger logger)
    {
        var version = Schema.GetVersion(writer);
        if (version < Schema.Version)
        {
            logger.UpgradingDatabase(location.FileName, version, Schema.Version);
            SchemaUpgrade.Run(writer, version);
            logger.DatabaseUpgraded(location.FileName, version, Schema.Version);
        }
    }

    // The checks are repeated after the owner lock is acquired, because another process may have created or upgraded the file in the
    // meantime. Changes that a crashed process wrote last are visible only together with the write-ahead log.
    private static bool Check(StoreConnection writer, DatabaseLocation location, bool isInspected)
    {
        writer.KeepLogOnClose(true);
        if (!isInspected)
        {
            DatabaseInspection.Check(writer, location);
        }

        var exists = Schema.Exists(writer, location.Path);
        writer.KeepLogOnClose(false);
        return exists;
    }
}
