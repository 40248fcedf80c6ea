using SessionRecovery.Files;
using SessionRecovery.Sessions;
using SessionRecovery.Sqlite.Storage.Internal;

namespace SessionRecovery.Sqlite.Files.Internal;

internal sealed class SqliteFileManifest(SqliteDatabase database) : IFileManifest
{
    private const string Select = "select name, size, sha256, content_type, created_at, display_name from stored_files ";

    public ValueTask<bool> AddAsync(UserId user, StoredFile file, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(file);
        return database.WriteAsync(
            connection => connection.Execute(
                """
                insert into stored_files (user_id, name, display_name, size, sha256, content_type, created_at)
                select $user, $name, $display, $size, $sha256, $type, $created
                where (select count(*) from stored_files where user_id = $user) < $limit
                """,
                ("$user", user.Value),
                ("$name", file.Name),
                ("$display", file.DisplayName),
                ("$size", file.Size),
                ("$sha256", file.Sha256),
                ("$type", file.ContentType),
                ("$created", file.CreatedAt.ToStore()),
                ("$limit", limit)) == 1,
            cancellationToken);
    }

    public ValueTask<StoredFile?> FindAsync(UserId user, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(database.Read(connection =>
        {
            using var rows = connection.Query(Select + "where user_id = $user and name = $name", ("$user", user.Value), ("$name", name));
            return rows.Read() ? ToFile(rows) : null;
        }));
    }

    public ValueTask<IReadOnlyList<StoredFile>> ListAsync(UserId user, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(database.Read<IReadOnlyList<StoredFile>>(connection =>
        {
            using var rows = connection.Query(Select + "where user_id = $user order by created_at desc, name", ("$user", user.Value));
            var files = new List<StoredFile>();
            while (rows.Read())
            {
                files.Add(ToFile(rows));
            }

            return files;
        }));
    }

    public ValueTask<bool> ContainsAsync(string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(database.Read(
            connection => connection.Scalar("select 1 from stored_files where name = $name limit 1", ("$name", name)) is not null));
    }

    public ValueTask<bool> RemoveAsync(UserId user, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        return database.WriteAsync(
            connection => connection.Execute(
                "delete from stored_files where user_id = $user and name = $name", ("$user", user.Value), ("$name", name)) == 1,
            cancellationToken);
    }

    private static StoredFile ToFile(StoreRows row) => new()
    {
        Name = row.GetString(0),
        Size = row.GetInt64(1),
        Sha256 = row.GetString(2),
        ContentType = row.GetString(3),
        CreatedAt = StoreTime.FromStore(row.GetInt64(4)),
        DisplayName = row.GetString(5),
    };
}
