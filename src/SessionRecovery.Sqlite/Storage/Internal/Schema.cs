using System.Globalization;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>Creates the database schema, and checks its version.</summary>
internal static class Schema
{
    /// <summary>The <c>application_id</c> that identifies a database of this store. The value is "SREC" in ASCII.</summary>
    public const long ApplicationId = 0x53524543;

    public const long Version = 6;

    /// <summary>Checks that the database is either empty or was created by this store.</summary>
    /// <returns><see langword="true"/> if the database has the tables; <see langword="false"/> if it is empty.</returns>
    public static bool Exists(StoreConnection connection, string path)
    {
        var application = (long)connection.Scalar("pragma application_id")!;
        var version = GetVersion(connection);
        if (application == ApplicationId)
        {
            return version <= Version
                ? true
                : throw new InvalidOperationException(
                    $"The credit database '{path}' has schema version {version}, newer than version {Version}, the latest that this "
                    + "release supports; start the newer release, or restore the backup made before it.");
        }

        return application == 0 && connection.Scalar("select 1 from sqlite_schema limit 1") is null
            ? false
            : throw new InvalidOperationException(
                $"The database '{path}' belongs to another program; give the credits a file of their own.");
    }

    public static void Create(StoreConnection connection, long initialAmount, DateTimeOffset now)
    {
        CreateMissing(connection);
        connection.Execute(
            "insert into settings (id, incarnation, initial_amount, created_at) values (1, $incarnation, $initial, $now)",
            ("$incarnation", Guid.NewGuid().ToString("N")),
            ("$initial", initialAmount),
            ("$now", now.ToStore()));
        connection.Run(string.Create(CultureInfo.InvariantCulture, $"pragma application_id = {ApplicationId}"));
        SetVersion(connection);
    }

    /// <summary>Returns the version of the schema of a database.</summary>
    public static long GetVersion(StoreConnection connection) => (long)connection.Scalar("pragma user_version")!;

    /// <summary>Creates the tables, indexes, triggers and views that do not exist.</summary>
    public static void CreateMissing(StoreConnection connection)
    {
        using var stream = typeof(Schema).Assembly.GetManifestResourceStream("Schema.sql")!;
        using var reader = new StreamReader(stream);
        connection.Run(reader.ReadToEnd());
    }

    /// <summary>Records that the database has the current version of the schema.</summary>
    public static void SetVersion(StoreConnection connection) =>
        connection.Run(string.Create(CultureInfo.InvariantCulture, $"pragma user_version = {Version}"));
}
