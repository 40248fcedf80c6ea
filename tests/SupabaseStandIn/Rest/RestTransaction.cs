using System.Text.Json.Nodes;
using Npgsql;
using SupabaseStandIn.Database;
using SupabaseStandIn.Gateway;

namespace SupabaseStandIn.Rest;

/// <summary>
/// Runs a request in one transaction with the role and the claims of its token. The pool has ten connections. A request that does not get a
/// connection in time is rejected.
/// </summary>
internal sealed class RestTransaction(StandInDatabase database, SchemaCache cache, TimeSpan poolTimeout) : IDisposable
{
    private readonly SemaphoreSlim _pool = new(StandInDatabase.RestConnections);

    public async Task<RestResult> RunAsync(
        ServiceRequest request, string schema, string role, JsonObject claims, RestPlan plan, bool undo, Action<RestResult> check)
    {
        if (!await _pool.WaitAsync(poolTimeout, request.Aborted))
        {
            throw new RestException(504, "PGRST003", "Timed out acquiring connection from connection pool.");
        }

        try
        {
            while (true)
            {
                try
                {
                    return await AttemptAsync(request, schema, role, claims, plan, undo, check);
                }
                catch (PostgresException exception) when (exception.SqlState is "40001" or "40P01")
                {
                    // The transaction is repeated. PostgREST up to version 14 repeats it without limit, even after the client has
                    // disconnected.
                }
            }
        }
        finally
        {
            _pool.Release();
        }
    }

    public void Dispose() => _pool.Dispose();

    private static string Settings(ServiceRequest request, SchemaCache.Snapshot snapshot, string schema, string role, JsonObject claims,
        RestPlan plan, NpgsqlParameterCollection parameters)
    {
        var settings = new List<(string Name, string Value)> { ("search_path", $"\"{schema}\", \"public\", \"extensions\"") };
        foreach (var setting in snapshot.Settings.GetValueOrDefault(role) ?? [])
        {
            var equals = setting.IndexOf('=', StringComparison.Ordinal);
            settings.Add((setting[..equals], setting[(equals + 1)..]));
        }

        var headers = new JsonObject();
        foreach (var (name, values) in request.Context.Request.Headers.Where(
            header => !header.Key.Equals("Cookie", StringComparison.OrdinalIgnoreCase)))
        {
            headers[name.ToLowerInvariant()] = values.LastOrDefault();
        }

        if (request.Authorization is { } authorization)
        {
            headers["authorization"] = authorization;
        }

        settings.AddRange(
        [
            ("role", role),
            ("app.settings.jwt_exp", "3600"),
            ("request.jwt.claims", claims.ToJsonString(JsonResponses.Json)),
            ("request.method", request.Method),
            ("request.path", request.Path),
            ("request.headers", headers.ToJsonString(JsonResponses.Json)),
            ("request.cookies", new JsonObject(request.Context.Request.Cookies.Select(
                cookie => KeyValuePair.Create(cookie.Key, (JsonNode?)cookie.Value))).ToJsonString(JsonResponses.Json)),
        ]);
        if (plan.StatementTimeout is { } timeout)
        {
            // The clause SET of a function has no effect on the running statement, so PostgREST applies it before the statement.
            settings.Add(("statement_timeout", timeout));
        }

        return "select " + string.Join(", ", settings.Select(setting =>
        {
            parameters.Add(new NpgsqlParameter { Value = setting.Name });
            parameters.Add(new NpgsqlParameter { Value = setting.Value });
            return $"set_config(${parameters.Count - 1}, ${parameters.Count}, true)";
        }));
    }

    private async Task<RestResult> AttemptAsync(
        ServiceRequest request, string schema, string role, JsonObject claims, RestPlan plan, bool undo, Action<RestResult> check)
    {
        // A client disconnect does not cancel the statement, as in PostgREST.
        await using var connection = await OpenAsync();
        await BeginAsync(connection, request, schema, role, claims, plan);
        try
        {
            var result = await ReadAsync(plan, connection);
            check(result);
            await using var end = connection.Command(undo ? "rollback" : "commit");
            await end.ExecuteNonQueryAsync(CancellationToken.None);
            return result;
        }
        catch (NpgsqlException exception) when (exception is not PostgresException { Severity: not ("FATAL" or "PANIC") })
        {
            cache.Invalidate();
            throw new RestException(503, "PGRST001", "Database client error. Retrying the connection.", "no connection to the server\n");
        }
        catch
        {
            await RollbackAsync(connection);
            throw;
        }
    }

    /// <summary>Rolls the transaction back if the connection is open. After some errors the driver has already closed it.</summary>
    private static async Task RollbackAsync(NpgsqlConnection connection)
    {
        if (connection.FullState.HasFlag(System.Data.ConnectionState.Open))
        {
            await using var rollback = connection.Command("rollback");
            await rollback.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        try
        {
            return await database.Rest.OpenConnectionAsync(CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            cache.Invalidate();
            throw RestException.NoSchemaCache();
        }
    }

    /// <summary>
    /// Executes the first statement on a connection that may have broken while it was idle. If the connection was broken, no statement was
    /// executed.
    /// </summary>
    private async Task BeginAsync(
        NpgsqlConnection connection, ServiceRequest request, string schema, string role, JsonObject claims, RestPlan plan)
    {
        try
        {
            await using var begin =
                connection.Command($"begin isolation level {plan.Isolation} {(plan.IsReadOnly ? "read only" : "read write")}");
            await begin.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // All idle connections are closed, because usually all of them are broken. If only one connection were closed, more than one
            // request would fail.
            database.Rest.Clear();
            cache.Invalidate();
            throw new RestException(503, "57P01", "terminating connection due to administrator command");
        }

        await using var settings = new NpgsqlCommand { Connection = connection };
        settings.CommandText = Settings(request, await cache.CurrentAsync(), schema, role, claims, plan, settings.Parameters);
        try
        {
            await settings.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (PostgresException)
        {
            await RollbackAsync(connection);
            throw;
        }
    }

    private static async Task<RestResult> ReadAsync(RestPlan plan, NpgsqlConnection connection)
    {
        await using var command = plan.Sql.Command(plan.Statement, connection);
        await using var reader = await command.ExecuteReaderAsync(CancellationToken.None);
        await reader.ReadAsync(CancellationToken.None);
        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
        return new RestResult(reader.IsDBNull(0)
            ? null
            : reader.GetInt64(0), reader.GetInt64(1), Text(2), Text(3), Text(4), reader.IsDBNull(5)
            ? 0
            : reader.GetInt64(5), Text(6));
    }
}
