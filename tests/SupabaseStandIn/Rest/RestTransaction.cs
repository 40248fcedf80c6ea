using System.Text.Json;
using Npgsql;
using SupabaseStandIn.Database;
using SupabaseStandIn.Gateway;

namespace SupabaseStandIn.Rest;

/// <summary>One transaction per request, with the caller's role and claims set for it alone, as PostgREST does.</summary>
internal sealed class RestTransaction(StandInDatabase database)
{
    public async Task<T> RunAsync<T>(ServiceRequest request, RestCaller caller, bool isReadOnly, Func<NpgsqlConnection, Task<T>> work)
    {
        await using var connection = await OpenAsync(request.Aborted);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.ReadCommitted, CancellationToken.None);
        if (isReadOnly)
        {
            await ExecuteAsync(connection.Command("set transaction read only"));
        }

        await ExecuteAsync(connection.Command(
            """
            select set_config('search_path', '"public", "extensions"', true), set_config(split_part(s, '=', 1), split_part(s, '=', 2), true)
            from unnest(coalesce((select r.setconfig from pg_catalog.pg_db_role_setting r where r.setrole = to_regrole($1) and r.setdatabase = 0), array['application_name=postgrest'])) as s
            """,
            caller.Role));
        await ExecuteAsync(connection.Command(
            """
            select set_config('role', $1, true), set_config('request.jwt.claims', $2, true), set_config('request.method', $3, true),
                   set_config('request.path', $4, true), set_config('request.headers', $5, true), set_config('request.cookies', '{}', true)
            """,
            caller.Role,
            caller.Claims,
            request.Method,
            request.Path,
            Headers(request)));

        // A client that leaves does not undo what it asked for.
        var result = await work(connection);
        await transaction.CommitAsync(CancellationToken.None);
        return result;
    }

    public static Task<int> ExecuteAsync(NpgsqlCommand command) => command.ExecuteNonQueryAsync(CancellationToken.None);

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await database.Rest.OpenConnectionAsync(cancellationToken);
        }
        catch (NpgsqlException exception) when (exception.InnerException is TimeoutException && exception.Message.Contains("pool", StringComparison.Ordinal))
        {
            throw new RestError(504, "PGRST003", "Timed out acquiring connection from connection pool.");
        }
        catch (PostgresException exception) when (exception.SqlState.StartsWith("57", StringComparison.Ordinal))
        {
            throw new RestError(503, "PGRST002", "Could not query the database for the schema cache. Retrying.");
        }
        catch (NpgsqlException exception) when (exception is not PostgresException)
        {
            throw new RestError(503, "PGRST002", "Could not query the database for the schema cache. Retrying.");
        }
    }

    private static string Headers(ServiceRequest request) => JsonSerializer.Serialize(request.Context.Request.Headers
        .Where(static header => !header.Key.Equals("cookie", StringComparison.OrdinalIgnoreCase))
        .ToDictionary(static header => header.Key.ToLowerInvariant(), static header => header.Value.ToString()));
}
