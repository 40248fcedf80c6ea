using SessionRecovery.KeyRing;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.KeyRing.Internal;

/// <summary>Stores the key ring in the credit database.</summary>
internal sealed class SqliteKeyRingStore(SqliteDatabase database, TimeProvider time) : IKeyRingStore
{
    public string? Folder => Path.GetDirectoryName(database.Location?.Path);

    public ValueTask<IReadOnlyList<KeyRingElement>> ReadAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(database.Read<IReadOnlyList<KeyRingElement>>(static connection =>
        {
            using var rows = connection.Query("select name, xml from key_ring order by rowid");
            var elements = new List<KeyRingElement>();
            while (rows.Read())
            {
                elements.Add(KeyRingElement.Create(rows.GetString(0), rows.GetString(1)));
            }

            return elements;
        }));
    }

    public string? FindHazard() => database.Location is { } location && PrivateFile.IsOpenToOthers(location)
        ? $"Other users of this system can read {location.FileName}, which contains the Data Protection keys, and can create sign-in "
            + $"cookies. Run 'chmod 600' on {location.FileName}, {location.FileName}-wal and {location.FileName}-shm, and encrypt the keys "
            + "with builder.Services.AddDataProtection().ProtectKeysWith…()."
        : null;

    public async ValueTask AddAsync(KeyRingElement element, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(element);
        await database.WriteAsync(
            connection => connection.Execute(
                "insert into key_ring (name, xml, created_at) values ($name, $xml, $created) on conflict (name) do nothing",
                ("$name", element.Name),
                ("$xml", element.Xml),
                ("$created", time.GetUtcNow().ToStore())),
            cancellationToken).ConfigureAwait(false);
    }
}
