using System.Net;
using Microsoft.Data.Sqlite;
using RestartDrill.Ledgers;
using RestartDrill.Clients;
using RestartDrill.Server;

namespace RestartDrill.Stores;

/// <summary>Stores the data in AudioStudio's embedded store, so that AudioStudio is the only process that the drill kills.</summary>
internal sealed class EmbeddedStore(string database) : IDrillStore
{
    public IReadOnlyList<string> StudioArguments => [];

    public IReadOnlyList<Victim> Victims => [Victim.Studio];

    public Task StartAsync(CancellationToken stop) => Task.CompletedTask;

    public Task KillAsync(Victim victim, StudioProcess server) => server.KillAsync();

    public async Task<string?> SignUpAsync(StudioClient client, string email, string password, CancellationToken stop)
    {
        var registered = await client.RegisterAsync(email, password, stop);
        if (registered?.Status != HttpStatusCode.OK)
        {
            return null;
        }

        var signedIn = await client.SignInAsync(email, password, stop);
        return signedIn?.Status == HttpStatusCode.OK ? signedIn.Text("accessToken") : null;
    }

    public async Task<StoredLedger> ReadLedgerAsync(CancellationToken stop)
    {
        await using var connection = await OpenAsync(stop);
        return await StoredLedger.ReadAsync(connection, stop);
    }

    public async Task<IReadOnlyList<string>> AuditAsync(CancellationToken stop)
    {
        await using var connection = await OpenAsync(stop);
        var faults = new List<string>(await StoredLedger.AuditAsync(connection, stop));
        await using var check = connection.CreateCommand();
        check.CommandText = "pragma integrity_check";
        await using var rows = await check.ExecuteReaderAsync(stop);
        while (await rows.ReadAsync(stop))
        {
            if (rows.GetString(0) is not "ok" and var fault)
            {
                faults.Add(fault);
            }
        }

        return faults;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<SqliteConnection> OpenAsync(CancellationToken stop)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = database, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        await connection.OpenAsync(stop);
        return connection;
    }
}
