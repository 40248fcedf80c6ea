using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace RestartDrill.Auditing;

/// <summary>Reads the ledger entries of one user as lines of text. The lines contain no idempotency keys.</summary>
internal static class Statement
{
    private const string Header = "version  time                 kind       amount       held    balance  actor and reason";

    private static readonly int[] TextColumns = [6, 7];

    public static async Task<string?> FindLatestUserAsync(SqliteConnection connection, CancellationToken stop)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "select user_id from credit_ledger order by id desc limit 1";
        return (string?)await command.ExecuteScalarAsync(stop);
    }

    public static async Task<bool> ExistsAsync(SqliteConnection connection, string user, CancellationToken stop)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "select 1 from credit_ledger where user_id = $user limit 1";
        command.Parameters.AddWithValue("$user", user);
        return await command.ExecuteScalarAsync(stop) is not null;
    }

    public static async IAsyncEnumerable<string> ReadAsync(
        SqliteConnection connection, string user, [EnumeratorCancellation] CancellationToken stop)
    {
        yield return Header;
        await using var command = connection.CreateCommand();
        command.CommandText =
            """
            select version, created_at, kind, amount, held_delta, balance_after, actor, reason
            from credit_ledger where user_id = $user order by version desc
            """;
        command.Parameters.AddWithValue("$user", user);
        await using var row = await command.ExecuteReaderAsync(stop);
        while (await row.ReadAsync(stop))
        {
            var time = DateTimeOffset.UnixEpoch.AddTicks(row.GetInt64(1));
            var texts = TextColumns.Where(column => !row.IsDBNull(column)).Select(column => Clean(row.GetString(column)));
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{row.GetInt64(0),7}  {time:yyyy-MM-dd HH:mm:ss}  {row.GetString(2),-8} {row.GetInt64(3),8} {row.GetInt64(4),10} "
                    + $"{row.GetInt64(5),10}  {string.Join(": ", texts)}").TrimEnd();
        }
    }

    /// <summary>Removes control characters, such as the escape sequences of a terminal, which a stored text could contain.</summary>
    public static string Clean(string text) => string.Concat(text.Select(static sign => char.IsControl(sign) ? '?' : sign));
}
