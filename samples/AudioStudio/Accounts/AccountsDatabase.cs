using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace AudioStudio.Accounts;

/// <summary>
/// Creates the account tables at the first start. Later starts check with a single query that the tables exist, so that a restart after a
/// crash does not wait for EF Core.
/// </summary>
internal sealed class AccountsDatabase(string path)
{
    public static string ConnectionTo(string path) => new SqliteConnectionStringBuilder { DataSource = path }.ToString();

    public async Task CreateIfMissingAsync(IServiceProvider services)
    {
        if (await HasTablesAsync())
        {
            return;
        }

        await using var scope = services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<AccountsContext>().Database.EnsureCreatedAsync();
    }

    private async Task<bool> HasTablesAsync()
    {
        if (!File.Exists(path))
        {
            return false;
        }

        await using var connection = new SqliteConnection(ConnectionTo(path));
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "select exists (select 1 from sqlite_master where type = 'table' and name = 'AspNetUsers')";
        return await command.ExecuteScalarAsync() is 1L;
    }
}
