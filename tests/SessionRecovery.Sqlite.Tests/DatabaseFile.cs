using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

namespace SessionRecovery.Sqlite.Tests;

/// <summary>Reads database files, and creates files of earlier schema versions.</summary>
internal static partial class DatabaseFile
{
    /// <summary>Creates a file with the schema of an earlier version, and inserts rows.</summary>
    public static void Create(TemporaryFolder folder, int version, string rows)
    {
        using var stream = typeof(DatabaseFile).Assembly.GetManifestResourceStream($"Schema-{version}.sql")!;
        using var reader = new StreamReader(stream);
        StartedStore.ExecuteRawSql(folder.ConnectionString, reader.ReadToEnd());
        StartedStore.ExecuteRawSql(folder.ConnectionString, rows);
        StartedStore.ExecuteRawSql(folder.ConnectionString, $"pragma user_version = {version}");
    }

    /// <summary>Returns the first column of each row.</summary>
    public static List<string> Query(TemporaryFolder folder, string sql)
    {
        using var connection = new SqliteConnection(folder.ConnectionString + ";Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var rows = command.ExecuteReader();
        var values = new List<string>();
        while (rows.Read())
        {
            values.Add(rows.GetString(0));
        }

        return values;
    }

    // Comments and white space are removed, because SQLite stores the comments within a statement, and the white space may differ.
    public static List<string> ReadSchema(TemporaryFolder folder) =>
        Query(folder, "select sql from sqlite_schema where sql is not null order by type, name")
            .ConvertAll(sql => Gap().Replace(Punctuation().Replace(Comment().Replace(sql, string.Empty), "$1"), " "));

    [GeneratedRegex("--[^\n]*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\s*([(),])\s*")]
    private static partial Regex Punctuation();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Gap();
}
