using System.Globalization;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using SessionRecovery.Testing.Postgres;

namespace SessionRecovery.SupabaseSchema.Tests;

/// <summary>
/// Represents a database whose functions are called as PostgREST calls them, in one transaction with the caller's role and claims.
/// </summary>
internal sealed class LedgerDatabase : IAsyncDisposable
{
    private readonly ThrowAwayPostgres _postgres;
    private readonly NpgsqlDataSource _requests;

    private LedgerDatabase(ThrowAwayPostgres postgres, string name)
    {
        _postgres = postgres;
        Name = name;
        _requests = NpgsqlDataSource.Create(postgres.ConnectionString(name, "authenticator") + ";Maximum Pool Size=40");
    }

    public string Name { get; }

    public static async Task<LedgerDatabase> CreateAsync(string template = Server.Ledger)
    {
        var name = "t" + Guid.NewGuid().ToString("N");
        await Server.Postgres.CreateDatabaseAsync(name, template);
        return new LedgerDatabase(Server.Postgres, name);
    }

    /// <summary>Opens a database on another server. The database is not dropped after the test.</summary>
    public static LedgerDatabase Open(ThrowAwayPostgres postgres, string name) => new(postgres, name);

    public async Task<FunctionResult> CallAsync(Caller caller, string function, object? arguments = null, bool rollBack = false)
    {
        var members = arguments?.GetType().GetProperties() ?? [];
        var list = string.Join(", ", members.Select(member => $"{member.Name} => @{member.Name}"));
        var text = await AsAsync(
            caller,
            $"select public.{function}({list})::text",
            command =>
            {
                foreach (var member in members)
                {
                    command.Parameters.Add(member.GetValue(arguments) switch
                    {
                        JsonElement json => new NpgsqlParameter(member.Name, NpgsqlDbType.Jsonb) { Value = json.GetRawText() },
                        var value => new NpgsqlParameter(member.Name, value ?? DBNull.Value),
                    });
                }
            },
            rollBack);
        return new FunctionResult(JsonDocument.Parse(text.Single()).RootElement);
    }

    /// <summary>Runs a query as the given caller and returns the first column of every row as text.</summary>
    public Task<IReadOnlyList<string>> QueryAsync(Caller caller, string sql) => AsAsync(caller, sql, _ => { }, rollBack: false);

    /// <summary>Runs SQL with the host's own role, as the SQL editor, the dashboard or a migration does.</summary>
    public async Task<IReadOnlyList<string>> QueryAsync(string sql, string user = SqlFiles.Role)
    {
        await using var connection = new NpgsqlConnection(_postgres.ConnectionString(Name, user) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await ReadAsync(command);
    }

    /// <summary>Opens a connection with the host's own role.</summary>
    public async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(_postgres.ConnectionString(Name, "supabase_admin") + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    public Task ExecuteAsync(string sql, string user = SqlFiles.Role) => _postgres.ExecuteAsync(sql, Name, user);

    public Task ApplyAsync(string path) => SqlFiles.ApplyAsync(_postgres, Name, path);

    public Task ApplyMigrationsAsync() => SqlFiles.ApplyMigrationsAsync(_postgres, Name);

    public async Task<IReadOnlyList<string>> AuditAsync() =>
        [.. (await CallAsync(Caller.Server, "credits_audit")).Json.GetProperty("faults").EnumerateArray()
            .Select(fault => fault.GetString()!)];

    /// <summary>Stops the clock of the ledger at the given time.</summary>
    public Task SetClockAsync(DateTimeOffset now) => ExecuteAsync(
        $"""
        create or replace function session_recovery.now() returns timestamptz language sql set search_path = '' as
        $$ select timestamptz '{now.ToString("yyyy-MM-dd HH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture)}' $$
        """);

    public async ValueTask DisposeAsync()
    {
        await _requests.DisposeAsync();
        if (_postgres == Server.Postgres)
        {
            await _postgres.DropDatabaseAsync(Name);
        }
    }

    private static async Task<IReadOnlyList<string>> ReadAsync(NpgsqlCommand command)
    {
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(await reader.IsDBNullAsync(0) ? "null" : Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture)!);
        }

        return rows;
    }

    private async Task<IReadOnlyList<string>> AsAsync(Caller caller, string sql, Action<NpgsqlCommand> fill, bool rollBack)
    {
        await using var connection = await _requests.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var setUp = new NpgsqlCommand("select set_config('role', @role, true), set_config('request.jwt.claims', @claims, " +
            "true)", connection, transaction))
        {
            setUp.Parameters.AddWithValue("role", caller.Role);
            setUp.Parameters.AddWithValue("claims", caller.Claims);
            await setUp.ExecuteNonQueryAsync();
        }

        await using var command = new NpgsqlCommand(sql, connection, transaction);
        fill(command);
        var rows = await ReadAsync(command);
        await (rollBack ? transaction.RollbackAsync() : transaction.CommitAsync());
        return rows;
    }
}
