using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using SupabaseStandIn.Database;
using SupabaseStandIn.Gateway;

namespace SupabaseStandIn.Rest;

/// <summary>Rows: read, inserted, changed and deleted under the app's own policies.</summary>
internal sealed class Tables(StandInDatabase database, RestTransaction transactions)
{
    private const string ObjectType = "application/vnd.pgrst.object+json";

    public async Task HandleAsync(ServiceRequest request, RestCaller caller, string table)
    {
        var isRead = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        if (!await database.ScalarAsync<bool>("select to_regclass($1) is not null", [$"public.{Identifiers.Quoted(table)}"], request.Aborted))
        {
            throw RestError.NoTable("public", table);
        }

        var target = $"public.{Identifiers.Quoted(table)}";
        var parameters = request.Parameters().ToList();
        var prefer = new Preferences(request.Header("Prefer"));
        var filter = RowFilter.Parse(parameters);
        var shape = RowShape.Parse(parameters, HttpMethods.IsGet(request.Method) && request.Header("Range-Unit") is null or "items" ? request.Header("Range") : null);
        var body = isRead ? [] : await request.ReadBodyAsync();
        await (request.Method switch
        {
            "GET" or "HEAD" => ReadAsync(request, caller, target, filter, shape, prefer),
            "POST" => InsertAsync(request, caller, target, parameters, shape, prefer, ParseBody(body)),
            "PATCH" => UpdateAsync(request, caller, target, filter, shape, prefer, ParseBody(body)),
            "DELETE" => DeleteAsync(request, caller, target, filter, shape, prefer),
            var method => request.Response.NotImplementedAsync($"{method} of a table"),
        });
    }

    private async Task ReadAsync(ServiceRequest request, RestCaller caller, string target, RowFilter filter, RowShape shape, Preferences prefer)
    {
        var (json, count, total) = await transactions.RunAsync(request, caller, isReadOnly: true, async connection =>
        {
            var (json, count) = await RowsAsync(connection, $"select {shape.Columns} from {target}{filter.Where}{shape.Order} limit {shape.Limit} offset {shape.Offset}");
            var total = prefer.Counts ? await ScalarAsync(connection, $"select count(*) from {target}{filter.Where}") : (long?)null;
            return (json, count, total);
        });
        if (total < shape.Offset)
        {
            request.Response.Headers.ContentRange = $"*/{total}";
            throw new RestError(416, "PGRST103", "Requested range not satisfiable", $"An offset of {shape.Offset} was requested, but there are only {total} rows.");
        }

        request.Response.Headers.ContentRange = ContentRange(shape.Offset, count, total);
        SetApplied(request, prefer.Applied("count="));
        await AnswerAsync(request, total > count ? 206 : 200, json, count);
    }

    private async Task InsertAsync(
        ServiceRequest request, RestCaller caller, string target, List<KeyValuePair<string, string>> parameters, RowShape shape, Preferences prefer, JsonNode? body)
    {
        // A body that holds no row inserts none, and says 201 all the same.
        var rows = body switch { JsonArray array => array, JsonObject one => [one.DeepClone()], _ => [] };
        if (rows.Any(static row => row is not JsonObject))
        {
            throw new RestError(400, "PGRST102", "All object keys must match");
        }

        var names = rows.Count == 0 ? [] : rows[0]!.AsObject().Select(static member => member.Key).ToList();
        if (rows.Any(row => !row!.AsObject().Select(static member => member.Key).ToHashSet(StringComparer.Ordinal).SetEquals(names)))
        {
            throw new RestError(400, "PGRST102", "All object keys must match");
        }

        var columns = string.Join(", ", names.Select(Identifiers.Quoted));
        var conflict = parameters.Where(static parameter => parameter.Key == "on_conflict").Select(static parameter => parameter.Value).FirstOrDefault();
        var (json, count) = rows.Count == 0 ? ("[]", 0) : await transactions.RunAsync(request, caller, isReadOnly: false, async connection =>
        {
            var onConflict = prefer.Merges || prefer.Ignores ? await OnConflictAsync(connection, target, conflict, names, prefer.Merges) : string.Empty;
            var source = columns.Length == 0 ? "default values" : $"({columns}) select {columns} from json_populate_recordset(null::{target}, $1::json)";
            return await ChangedAsync(connection, $"insert into {target} {source}{onConflict}", rows.ToJsonString(), shape, prefer, IsSingular(request));
        });
        SetApplied(request, prefer.Applied("resolution=", "return="));
        request.Response.Headers.ContentRange = "*/*";
        await AnswerChangeAsync(request, prefer, created: true, json, count);
    }

    private async Task UpdateAsync(ServiceRequest request, RestCaller caller, string target, RowFilter filter, RowShape shape, Preferences prefer, JsonNode? body)
    {
        var change = (body is JsonArray { Count: > 0 } array ? array[0] : body) as JsonObject ?? [];
        var (json, count) = change.Count == 0 ? ("[]", 0) : await transactions.RunAsync(request, caller, isReadOnly: false, connection =>
        {
            var columns = string.Join(", ", change.Select(static member => Identifiers.Quoted(member.Key)));
            var sql = $"update {target} set ({columns}) = (select {columns} from json_populate_record(null::{target}, $1::json)){filter.Where}";
            return ChangedAsync(connection, change.Count == 1 ? sql.Replace($"set ({columns}) =", $"set {columns} =", StringComparison.Ordinal) : sql, change.ToJsonString(), shape, prefer, IsSingular(request));
        });
        SetApplied(request, prefer.Applied("return="));
        request.Response.Headers.ContentRange = ContentRange(0, count, total: null);
        await AnswerChangeAsync(request, prefer, created: false, json, count);
    }

    private async Task DeleteAsync(ServiceRequest request, RestCaller caller, string target, RowFilter filter, RowShape shape, Preferences prefer)
    {
        var (json, count) = await transactions.RunAsync(
            request,
            caller,
            isReadOnly: false,
            connection => ChangedAsync(connection, $"delete from {target}{filter.Where}", body: null, shape, prefer, IsSingular(request)));
        SetApplied(request, prefer.Applied("return="));
        request.Response.Headers.ContentRange = "*/*";
        await AnswerChangeAsync(request, prefer, created: false, json, count);
    }

    private static async Task<(string Json, long Count)> ChangedAsync(NpgsqlConnection connection, string sql, string? body, RowShape shape, Preferences prefer, bool isSingular)
    {
        // Rows are only told to whom may see them: RETURNING needs the right to read.
        var statement = prefer.WantsRows ? $"with changed as ({sql} returning *) select coalesce(json_agg(t), '[]')::text, count(*) from (select {shape.Columns} from changed{shape.Order}) t" : sql;
        await using var command = body is null ? connection.Command(statement) : connection.Command(statement, body);
        if (!prefer.WantsRows)
        {
            return ("[]", await command.ExecuteNonQueryAsync(CancellationToken.None));
        }

        await using var rows = await command.ExecuteReaderAsync(CancellationToken.None);
        await rows.ReadAsync();
        var result = (rows.GetString(0), rows.GetInt64(1));
        return isSingular && result.Item2 != 1 ? throw RestError.NotOneRow(result.Item2) : result;
    }

    private static async Task<string> OnConflictAsync(NpgsqlConnection connection, string target, string? columns, IReadOnlyList<string> names, bool merges)
    {
        var key = columns?.Split(',').Select(Identifiers.Quoted).ToList() ?? [];
        if (key.Count == 0)
        {
            await using var command = connection.Command(
                "select quote_ident(a.attname) from pg_catalog.pg_index i join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey) where i.indrelid = $1::regclass and i.indisprimary", target);
            await using var rows = await command.ExecuteReaderAsync();
            while (await rows.ReadAsync())
            {
                key.Add(rows.GetString(0));
            }
        }

        return key.Count == 0 ? string.Empty
            : !merges ? $" on conflict ({string.Join(", ", key)}) do nothing"
            : $" on conflict ({string.Join(", ", key)}) do update set {string.Join(", ", names.Select(static name => $"{Identifiers.Quoted(name)} = excluded.{Identifiers.Quoted(name)}"))}";
    }

    private static JsonNode? ParseBody(byte[] body)
    {
        if (body.Length == 0)
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(body);
        }
        catch (JsonException)
        {
            throw new RestError(400, "PGRST102", "Empty or invalid json");
        }
    }

    private static bool IsSingular(ServiceRequest request) => request.Header("Accept")?.Contains(ObjectType, StringComparison.Ordinal) == true;

    private static async Task AnswerChangeAsync(ServiceRequest request, Preferences prefer, bool created, string json, long count)
    {
        if (prefer.WantsRows)
        {
            await AnswerAsync(request, created ? 201 : 200, json, count);
            return;
        }

        request.Response.StatusCode = created ? 201 : 204;
        if (created)
        {
            request.Response.ContentLength = 0;
        }
    }

    private static Task AnswerAsync(ServiceRequest request, int status, string json, long count)
    {
        if (!IsSingular(request))
        {
            return request.Response.TextAsync(status, json, RestService.JsonType);
        }

        return count == 1
            ? request.Response.TextAsync(status, json[1..^1], $"{ObjectType}; charset=utf-8")
            : throw RestError.NotOneRow(count);
    }

    private static void SetApplied(ServiceRequest request, string applied)
    {
        if (applied.Length > 0)
        {
            request.Response.Headers["Preference-Applied"] = applied;
        }
    }

    private static string ContentRange(long offset, long count, long? total)
    {
        var rows = count == 0 ? "*" : string.Create(CultureInfo.InvariantCulture, $"{offset}-{offset + count - 1}");
        return $"{rows}/{(total is null ? "*" : total.Value.ToString(CultureInfo.InvariantCulture))}";
    }

    private static async Task<(string Json, long Count)> RowsAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = connection.Command($"select coalesce(json_agg(t), '[]')::text, count(*) from ({sql}) t");
        await using var rows = await command.ExecuteReaderAsync(CancellationToken.None);
        await rows.ReadAsync();
        return (rows.GetString(0), rows.GetInt64(1));
    }

    private static async Task<long> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = connection.Command(sql);
        return (long)(await command.ExecuteScalarAsync(CancellationToken.None))!;
    }
}
