using System.Globalization;

namespace SessionRecovery.Sqlite.Storage.Internal;

/// <summary>Creates the database schema and checks its version.</summary>
internal static class Schema
{
    /// <summary>The <c>application_id</c> that identifies a database of this store. The value is "SREC" in ASCII.</summary>
    public const long ApplicationId = 0x53524543;

    public const long Version = 1;

    // A database of an earlier release does not have this table.
    private const string KeyRing =
        """
        -- The Data Protection key ring of a host that calls PersistDataProtectionKeys(). Without the host's own key encryption, a reader of
        -- the file can create sign-in cookies.
        create table if not exists key_ring (
            name        text    not null unique check (length(name) between 1 and 200),
            xml         text    not null check (length(xml) between 1 and 65536),
            created_at  integer not null
        ) strict
        """;

    /// <summary>Checks that the database is empty or belongs to this store.</summary>
    /// <returns><see langword="true"/> if the database has the tables; <see langword="false"/> if it is empty.</returns>
    public static bool Exists(StoreConnection connection, string path)
    {
        var application = (long)connection.Scalar("pragma application_id")!;
        var version = (long)connection.Scalar("pragma user_version")!;
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
        connection.Run(Script());
        connection.Execute(
            "insert into settings (id, incarnation, initial_amount, created_at) values (1, $incarnation, $initial, $now)",
            ("$incarnation", Guid.NewGuid().ToString("N")),
            ("$initial", initialAmount),
            ("$now", now.ToStore()));
        var identity = string.Create(
            CultureInfo.InvariantCulture, $"pragma application_id = {ApplicationId}; pragma user_version = {Version}");
        connection.Run(identity);
    }

    /// <summary>Adds the tables that an earlier release did not have.</summary>
    public static void Complete(StoreConnection connection) => connection.Run(KeyRing);

    private static string Script()
    {
        using var stream = typeof(Schema).Assembly.GetManifestResourceStream("Schema.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
