using Microsoft.Data.Sqlite;

namespace AiChat;

/// <summary>
/// Keeps the usage of each request in thousandths of a credit. The credits of a request are the whole credits of the user's usage that no
/// other request has been charged, so no fraction is rounded away. A repeated request replaces its own row.
/// </summary>
internal sealed class UsageTable
{
    private readonly string _connectionString;

    public UsageTable(string connectionString)
    {
        _connectionString = connectionString;
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            create table if not exists usage (
                user text not null, key text not null, thousandths integer not null, credits integer not null, primary key (user, key)
            ) strict, without rowid
            """;
        command.ExecuteNonQuery();
    }

    /// <summary>Records what a request has used so far, and returns the credits to charge for it, at most the limit.</summary>
    public long Record(string user, string key, long thousandths, long limit)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            insert or replace into usage (user, key, thousandths, credits)
            select $user, $key, $thousandths,
                max(0, min($limit, (coalesce(sum(thousandths), 0) + $thousandths) / 1000 - coalesce(sum(credits), 0)))
            from usage where user = $user and key <> $key
            returning credits
            """;
        command.Parameters.AddWithValue("$user", user);
        command.Parameters.AddWithValue("$key", key);
        command.Parameters.AddWithValue("$thousandths", thousandths);
        command.Parameters.AddWithValue("$limit", limit);
        return (long)command.ExecuteScalar()!;
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        return connection;
    }
}
