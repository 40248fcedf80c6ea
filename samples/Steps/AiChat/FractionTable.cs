using Microsoft.Data.Sqlite;

namespace AiChat;

/// <summary>
/// Keeps the fraction of a credit that each user has used but not paid yet, in thousandths, so that no fraction is lost by rounding. Each
/// user has one row. The row also contains the last request and the fraction before this request, so that a repeated request is not added
/// twice.
/// </summary>
internal sealed class FractionTable
{
    private readonly string _connectionString;

    public FractionTable(string connectionString)
    {
        _connectionString = connectionString;
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            create table if not exists fractions (
                user text primary key, key text not null, before_key integer not null, thousandths integer not null
            ) strict, without rowid
            """;
        command.ExecuteNonQuery();
    }

    /// <summary>
    /// Adds the price of an answer to the unpaid fraction, and returns the whole credits to charge for the answer, up to the limit.
    /// </summary>
    public long Add(string user, string key, long thousandths, long limit)
    {
        using var connection = Open();
        using var transaction = connection.BeginTransaction(deferred: false);
        using var command = connection.CreateCommand();
        command.CommandText = "select case key when $key then before_key else thousandths end from fractions where user = $user";
        command.Parameters.AddWithValue("$user", user);
        command.Parameters.AddWithValue("$key", key);
        var before = (long?)command.ExecuteScalar() ?? 0;
        var credits = Math.Min(limit, (before + thousandths) / 1000);
        command.CommandText = "insert or replace into fractions (user, key, before_key, thousandths) values ($user, $key, $before, $after)";
        command.Parameters.AddWithValue("$before", before);
        command.Parameters.AddWithValue("$after", before + thousandths - (credits * 1000));
        command.ExecuteNonQuery();
        transaction.Commit();
        return credits;
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        return connection;
    }
}
