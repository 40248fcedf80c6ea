using System.Net;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace SessionRecovery.Supabase.Tests.Ledger;

/// <summary>Takes RPC calls to a database as PostgREST does: one transaction, the caller's role and claims set for it, arguments by name.</summary>
internal sealed class RpcBridge(NpgsqlDataSource database, Func<DateTimeOffset> now) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var function = request.RequestUri!.AbsolutePath["/rest/v1/rpc/".Length..];
        var body = request.Content is null ? "{}" : await request.Content.ReadAsStringAsync(cancellationToken);
        var isServer = request.Headers.GetValues("apikey").Single().StartsWith("sb_secret_", StringComparison.Ordinal);
        var claims = isServer ? """{"role":"service_role"}""" : ClaimsOf(request.Headers.Authorization!.Parameter!);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await SetClockAsync(connection, cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            var call = await CallOfAsync(connection, function, body, cancellationToken);
            await ExecuteAsync(connection, "SELECT set_config('role', $1, true), set_config('request.jwt.claims', $2, true)", cancellationToken, isServer ? "service_role" : "authenticated", claims);
            await using var command = new NpgsqlCommand(call, connection) { Parameters = { new NpgsqlParameter { Value = body, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Jsonb } } };
            var answer = (string)(await command.ExecuteScalarAsync(cancellationToken))!;
            await transaction.CommitAsync(cancellationToken);
            return Answer(200, answer);
        }
        catch (PostgresException exception)
        {
            return Answer(exception.SqlState == "42501" ? 403 : 400, $$"""{"code":"{{exception.SqlState}}","details":null,"hint":null,"message":{{JsonSerializer.Serialize(exception.MessageText)}}}""");
        }
    }

    private async Task SetClockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("UPDATE test_clock.clock SET at = $1 WHERE at <> $1", connection) { Parameters = { new NpgsqlParameter { Value = now() } } };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<string> CallOfAsync(NpgsqlConnection connection, string function, string body, CancellationToken cancellationToken)
    {
        using var arguments = JsonDocument.Parse(body);
        await using var command = new NpgsqlCommand(
            "SELECT a.name, a.type::regtype::text FROM pg_proc p, unnest(p.proargnames, p.proargtypes::oid[]) AS a(name, type) WHERE p.pronamespace = 'public'::regnamespace AND p.proname = $1",
            connection) { Parameters = { new NpgsqlParameter { Value = function } } };
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var given = new List<string>();
        while (await rows.ReadAsync(cancellationToken))
        {
            var (name, type) = (rows.GetString(0), rows.GetString(1));
            if (arguments.RootElement.TryGetProperty(name, out _))
            {
                given.Add(type == "jsonb" ? $"{name} => $1->'{name}'" : $"{name} => ($1->>'{name}')::{type}");
            }
        }

        return $"SELECT public.{function}({string.Join(", ", given)})::text {(given.Count == 0 ? "WHERE $1 IS NOT NULL" : string.Empty)}";
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params string[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string ClaimsOf(string token) => Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]));

    private static HttpResponseMessage Answer(int status, string body) => new((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
}
