using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using SupabaseStandIn.Database;
using SupabaseStandIn.Gateway;

namespace SupabaseStandIn.Rest;

/// <summary><c>/rpc/{function}</c>: arguments by name, the answer shaped by what the function returns.</summary>
internal sealed class Functions(StandInDatabase database, RestTransaction transactions)
{
    public async Task HandleAsync(ServiceRequest request, RestCaller caller, string name)
    {
        if (request.Method is not ("GET" or "HEAD" or "POST"))
        {
            throw new RestError(405, "PGRST101", "Cannot use the " + request.Method + " method on RPC");
        }

        var isPost = HttpMethods.IsPost(request.Method);
        var given = isPost ? Parse(await request.ReadBodyAsync()) : new JsonObject(request.Parameters().Select(static parameter => KeyValuePair.Create(parameter.Key, (JsonNode?)parameter.Value)));
        var function = await FindAsync(name, given, request.Aborted);
        var (sql, isSet) = function.Call(given);
        var text = await transactions.RunAsync(request, caller, isReadOnly: !isPost || function.IsReadOnly, async connection =>
        {
            await using var command = connection.Command(sql, given.ToJsonString());
            return await command.ExecuteScalarAsync(CancellationToken.None) as string;
        });
        if (function.IsVoid)
        {
            request.Response.StatusCode = StatusCodes.Status204NoContent;
            request.Response.Headers.ContentRange = "0-0/*";
            return;
        }

        request.Response.Headers.ContentRange = isSet ? "*/*" : "0-0/*";
        await request.Response.TextAsync(200, text ?? "null", RestService.JsonType);
    }

    private async Task<RestFunction> FindAsync(string name, JsonObject given, CancellationToken cancellationToken)
    {
        await using var command = database.Admin.CreateCommand(
            """
            select p.proretset, p.prorettype = 'void'::regtype, t.typtype = 'c' or p.prorettype = 'record'::regtype, p.provolatile <> 'v', p.pronargs - p.pronargdefaults,
                   coalesce(p.proargnames[1:p.pronargs], '{}'), array(select format_type(a, null) from unnest(p.proargtypes) as a)
            from pg_catalog.pg_proc p join pg_catalog.pg_type t on t.oid = p.prorettype
            where p.pronamespace = 'public'::regnamespace and p.proname = $1 and p.prokind = 'f'
            """).With(name);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            var function = new RestFunction(
                name, rows.GetBoolean(0), rows.GetBoolean(1), rows.GetBoolean(2), rows.GetBoolean(3), rows.GetInt32(4), rows.GetFieldValue<string[]>(5), rows.GetFieldValue<string[]>(6));
            if (function.Takes(given))
            {
                return function;
            }
        }

        throw RestError.NoFunction("public", name, given.Select(static member => member.Key));
    }

    // An empty body, null, a number: no arguments. Of an array the first object counts.
    private static JsonObject Parse(byte[] body)
    {
        if (body.Length == 0)
        {
            return [];
        }

        try
        {
            return JsonNode.Parse(body) switch
            {
                JsonObject one => one,
                JsonArray { Count: > 0 } array when array[0] is JsonObject first => (JsonObject)first.DeepClone(),
                _ => [],
            };
        }
        catch (JsonException)
        {
            throw new RestError(400, "PGRST102", "Empty or invalid json");
        }
    }
}
