using System.Globalization;
using Microsoft.Data.Sqlite;
using RestartDrill.Settings;

namespace RestartDrill.Auditing;

/// <summary>
/// Prints the credit history of one user and every fault of a database file. The audit reads a copy of the file, so the application may
/// keep running.
/// </summary>
internal static class DatabaseAudit
{
    // The application id of the embedded store: "SREC" in ASCII.
    private const long StoreId = 0x53524543;

    /// <summary>Audits a database file.</summary>
    /// <param name="path">The database file of the embedded store.</param>
    /// <param name="user">The user whose credit history is printed, or null for the user of the latest entry.</param>
    /// <param name="output">The destination of the report.</param>
    /// <param name="stop">Cancels the audit.</param>
    /// <returns>The exit code: 1 if a fault was found.</returns>
    public static async Task<int> RunAsync(string path, string? user, TextWriter output, CancellationToken stop)
    {
        if (!File.Exists(path))
        {
            await Console.Error.WriteLineAsync($"There is no file '{path}'.");
            return ExitCode.BadArguments;
        }

        var faults = new List<string>();
        try
        {
            using var copy = DatabaseCopy.Create(path);
            await using (var connection = await copy.OpenAsync(stop))
            {
                if (!await IsStoreAsync(connection, stop))
                {
                    await Console.Error.WriteLineAsync($"The file '{path}' is not a database of the embedded store.");
                    return ExitCode.BadArguments;
                }

                await CheckFileAsync(connection, faults, stop);
                await PrintStatementAsync(connection, user, output, stop);
            }

            faults.AddRange((await StoreAudit.RunAsync(copy, path, stop)).Select(Statement.Clean));
        }
        catch (InvalidOperationException exception) when (faults.Count == 0)
        {
            await Console.Error.WriteLineAsync($"The audit did not run: {Statement.Clean(exception.Message)}");
            return ExitCode.BadArguments;
        }
        catch (Exception exception) when (exception is SqliteException or InvalidOperationException)
        {
            faults.Add($"The database could not be read completely: {Statement.Clean(exception.Message)}");
        }

        foreach (var fault in faults.Distinct(StringComparer.Ordinal))
        {
            await output.WriteLineAsync($"fault: {fault}");
        }

        await output.WriteLineAsync(
            faults.Count == 0 ? "No faults." : string.Create(CultureInfo.InvariantCulture, $"Faults: {faults.Distinct().Count()}."));
        return faults.Count == 0 ? ExitCode.NothingLost : ExitCode.SomethingLost;
    }

    private static async Task<bool> IsStoreAsync(SqliteConnection connection, CancellationToken stop)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "pragma application_id";
        return await command.ExecuteScalarAsync(stop) is StoreId;
    }

    private static async Task CheckFileAsync(SqliteConnection connection, List<string> faults, CancellationToken stop)
    {
        await using var check = connection.CreateCommand();
        check.CommandText = "pragma integrity_check";
        await using var rows = await check.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop))
        {
            if (rows.GetString(0) is not "ok" and var fault)
            {
                faults.Add(Statement.Clean(fault));
            }
        }
    }

    private static async Task PrintStatementAsync(SqliteConnection connection, string? user, TextWriter output, CancellationToken stop)
    {
        user ??= await Statement.FindLatestUserAsync(connection, stop);
        if (user is null)
        {
            await output.WriteLineAsync("The ledger has no entries.");
            return;
        }

        if (!await Statement.ExistsAsync(connection, user, stop))
        {
            await output.WriteLineAsync($"The ledger has no entries of the user {Statement.Clean(user)}.");
            return;
        }

        await output.WriteLineAsync($"Statement of {Statement.Clean(user)}, the newest entry first:");
        await foreach (var line in Statement.ReadAsync(connection, user, stop))
        {
            await output.WriteLineAsync(line);
        }
    }
}
