using System.Globalization;
using System.Text.Json;
using Npgsql;
using SupabaseStandIn.Database;

namespace SupabaseStandIn.Storage;

/// <summary>
/// Reads and writes the rows of Storage. Reads and permission checks use the caller's role, so that the policies of the application apply.
/// The final write uses Storage's own role.
/// </summary>
internal sealed class ObjectTable(StandInDatabase database, TimeSpan lockTimeout)
{
    private const string Columns =
        "id, bucket_id, name, coalesce(version, ''), created_at, updated_at, coalesce(metadata, '{}')::text, "
            + "coalesce(user_metadata, '{}')::text, owner_id";

    /// <summary>Returns a bucket without a permission check, because the policies on its objects restrict the access.</summary>
    public async Task<BucketRow?> FindBucketAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        return await FindBucketAsync(connection, id, cancellationToken);
    }

    /// <summary>Returns a bucket if the caller may see it.</summary>
    public Task<BucketRow?> FindBucketAsync(StorageCaller caller, string id, CancellationToken cancellationToken) =>
        AsAsync(caller, connection => FindBucketAsync(connection, id, cancellationToken), cancellationToken);

    /// <summary>Returns a row if the caller may see it. If the caller is <see langword="null"/>, every row is visible.</summary>
    public Task<ObjectRow?> FindAsync(StorageCaller? caller, string bucket, string name, CancellationToken cancellationToken) => AsAsync(
        caller,
        async connection =>
        {
            await using var command =
                connection.Command($"select {Columns} from storage.objects where bucket_id = $1 and name = $2", bucket, name);
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            return await rows.ReadAsync(cancellationToken) ? Read(rows) : null;
        },
        cancellationToken);

    /// <summary>
    /// Checks whether the caller may write the row, before the content is read. The check writes the row and rolls the transaction back.
    /// </summary>
    public async Task CheckWriteAsync(StorageCaller caller, string bucket, string name, bool upsert, CancellationToken cancellationToken)
    {
        try
        {
            await AsAsync(
                caller,
                async connection =>
                {
                    var conflict = upsert ? "on conflict (bucket_id, name) do update set updated_at = now()" : string.Empty;
                    await using var command = connection.Command(
                        "insert into storage.objects (bucket_id, name, owner, owner_id, version) values ($1, $2, $3::uuid, $3, "
                            + $"'probe') {conflict}", bucket, name, caller.Subject);
                    await command.ExecuteNonQueryAsync(cancellationToken);
                    return true;
                },
                cancellationToken,
                commit: false);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw StorageError.Exists();
        }
    }

    /// <summary>Writes the row of an uploaded object. A lock ensures that uploads of the same object run one after the other.</summary>
    public Task<Guid> WriteAsync(StorageCaller caller, string bucket, string name, string version, object metadata, string? userMetadata,
        CancellationToken cancellationToken) => AsAsync(
        caller: null,
        async connection =>
        {
            await LockAsync(connection, $"{bucket}/{name}", cancellationToken);
            await using var command = connection.Command(
                """
                insert into storage.objects (bucket_id, name, owner, owner_id, version, metadata, user_metadata)
                values ($1, $2, $3::uuid, $3, $4, $5::jsonb, $6::jsonb)
                on conflict (bucket_id, name) do update
                set version = excluded.version, metadata = excluded.metadata, user_metadata = excluded.user_metadata, updated_at = now()
                returning id
                """,
                bucket,
                name,
                caller.Subject,
                version,
                JsonSerializer.Serialize(metadata),
                userMetadata);
            return (Guid)(await command.ExecuteScalarAsync(cancellationToken))!;
        },
        cancellationToken);

    /// <summary>Deletes those of the named objects that the caller may delete, and returns them.</summary>
    public Task<List<ObjectRow>> DeleteAsync(
        StorageCaller caller, string bucket, IReadOnlyList<string> names, CancellationToken cancellationToken) => AsAsync(
        caller,
        async connection =>
        {
            await using var command = connection.Command(
                $"delete from storage.objects where bucket_id = $1 and name = any($2) returning {Columns}", bucket, names.ToArray());
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            return await ReadAllAsync(rows, cancellationToken);
        },
        cancellationToken);

    /// <summary>Returns all rows below a folder that the caller may see.</summary>
    public Task<List<ObjectRow>> ListAsync(StorageCaller caller, string bucket, string folder, CancellationToken cancellationToken) =>
        AsAsync(
        caller,
        async connection =>
        {
            await using var command =
                connection.Command($"select {Columns} from storage.objects where bucket_id = $1 and starts_with(name, $2)", bucket, folder);
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            return await ReadAllAsync(rows, cancellationToken);
        },
        cancellationToken);

    private static async Task<BucketRow?> FindBucketAsync(NpgsqlConnection connection, string id, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            "select id, public, file_size_limit, allowed_mime_types, created_at, updated_at from storage.buckets where id = $1", id);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        return await rows.ReadAsync(cancellationToken)
            ? new BucketRow(
                rows.GetString(0),
                rows.GetBoolean(1),
                rows.IsDBNull(2) ? null : rows.GetInt64(2),
                rows.IsDBNull(3) ? null : rows.GetFieldValue<string[]>(3),
                rows.GetDateTime(4),
                rows.GetDateTime(5))
            : null;
    }

    private async Task<T> AsAsync<T>(
        StorageCaller? caller, Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken, bool commit = true)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (caller is not null)
        {
            var claims = caller.Claims.ToJsonString();
            await using var scope = connection.Command(
                """
                select set_config('role', $1, true), set_config('request.jwt.claims', $2, true), set_config('request.jwt', $2, true),
                       set_config('request.jwt.claim.sub', $3, true), set_config('request.jwt.claim.role', $1, true)
                """,
                caller.Role,
                claims,
                caller.Subject ?? string.Empty);
            await scope.ExecuteNonQueryAsync(cancellationToken);
        }

        var result = await work(connection);
        await (commit ? transaction.CommitAsync(cancellationToken) : transaction.RollbackAsync(cancellationToken));
        return result;
    }

    /// <summary>
    /// Opens a working connection. Storage's connection pool detects broken idle connections itself, but Npgsql needs a query to detect
    /// them.
    /// </summary>
    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = await database.Storage.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var validation = connection.Command("select 1");
            await validation.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException)
        {
            await connection.DisposeAsync();
            database.Storage.Clear();
            return await database.Storage.OpenConnectionAsync(cancellationToken);
        }
    }

    private async Task LockAsync(NpgsqlConnection connection, string key, CancellationToken cancellationToken)
    {
        var limit = lockTimeout.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);
        try
        {
            await using var command =
                connection.Command(
                    "select set_config('lock_timeout', $1, true), pg_advisory_xact_lock(hashtextextended($2, 0)), "
                        + "set_config('lock_timeout', '0', true)", limit, key);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw StorageError.LockTimeout();
        }
    }

    private static async Task<List<ObjectRow>> ReadAllAsync(NpgsqlDataReader rows, CancellationToken cancellationToken)
    {
        var all = new List<ObjectRow>();
        while (await rows.ReadAsync(cancellationToken))
        {
            all.Add(Read(rows));
        }

        return all;
    }

    private static ObjectRow Read(NpgsqlDataReader rows) => new(
        rows.GetGuid(0), rows.GetString(1), rows.GetString(2), rows.GetString(3), rows.GetDateTime(4), rows.GetDateTime(5),
            rows.GetString(6), rows.GetString(7), rows.IsDBNull(8)
            ? null
            : rows.GetString(8));
}
