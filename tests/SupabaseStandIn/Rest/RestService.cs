using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;
using Npgsql;
using SupabaseStandIn.Database;
using SupabaseStandIn.Gateway;
using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Rest;

/// <summary>Implements PostgREST 14 for the tables and functions of the exposed schemas.</summary>
internal sealed class RestService(
    StandInDatabase database, SchemaCache cache, KeyRing keys, StandInClock clock, RestSettings settings, StandInOptions options)
    : IService
{
    private const string Plain = "application/json";
    private const string Singular = "application/vnd.pgrst.object+json";

    private const int MaxHeadLength = 50 * 1024;

    private readonly RestToken _token = new(keys, clock, settings);
    private readonly RestTransaction _transaction = new(database, cache, options.RestPoolTimeout);

    public async Task HandleAsync(ServiceRequest request)
    {
        if (request.HeadLength > MaxHeadLength)
        {
            await request.Response.TextAsync(400, "Bad Request", "text/plain; charset=utf-8");
            return;
        }

        var role = RestToken.Anonymous;
        try
        {
            (role, var claims) = _token.Check(request.Authorization);
            await HandleRequestAsync(request, role, claims);
        }
        catch (RestException error)
        {
            await WriteAsync(request, error);
        }
        catch (PostgresException error)
        {
            await WriteAsync(request, RestException.From(error, role == RestToken.Anonymous && settings.AllowsAnonymous));
        }
        catch (NotSupportedException unsupported)
        {
            await request.Response.NotImplementedAsync($"{unsupported.Message} of PostgREST");
        }
    }

    private static Task WriteAsync(ServiceRequest request, RestException error)
    {
        var headers = request.Response.Headers;
        headers["Proxy-Status"] = $"PostgREST; error={error.Code}";
        if (error.Status == 503)
        {
            headers.RetryAfter = "0";
        }

        if (error.Challenge is { } challenge)
        {
            headers.WWWAuthenticate = challenge;
        }

        if (error.Code.StartsWith("PT", StringComparison.Ordinal))
        {
            request.Context.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = error.Message;
        }

        if (error.Status is 204 or 304)
        {
            request.Response.StatusCode = error.Status;
            request.Response.ContentType = "application/json; charset=utf-8";
            return Task.CompletedTask;
        }

        var body =
            new JsonObject { ["code"] = error.Code, ["details"] = error.Details, ["hint"] = error.Hint, ["message"] = error.Message };
        return request.Response.JsonAsync(error.Status, body, "application/json; charset=utf-8");
    }

    private async Task HandleRequestAsync(ServiceRequest request, string role, JsonObject claims)
    {
        request.Response.Headers["Access-Control-Expose-Headers"] =
            "Content-Encoding, Content-Location, Content-Range, Content-Type, Date, Location, Server, Transfer-Encoding, Range-Unit";
        var snapshot = await cache.CurrentAsync();
        var schema = Schema(request);
        var preferences = new RestPreferences(request.Context.Request.Headers["Prefer"], settings.AllowsRollback);
        var type = Accepted(request);
        var parts = request.Path.Split('/').Skip(1).Select(Uri.UnescapeDataString).ToArray();
        switch (parts)
        {
            case ["rpc", var function] when function.Length > 0:
                await CallAsync(request, role, claims, snapshot, schema, function, preferences, type);
                break;
            case [var name] when name.Length > 0:
                var table = snapshot.FindTable(schema, name)
                    ?? (await ReloadAfterMissAsync(snapshot)).FindTable(schema, name)
                    ?? throw RestException.NotFound($"{schema}.{name}", SuggestSimilarName(snapshot, schema, name));
                await TableAsync(request, role, claims, table, preferences, type);
                break;
            default:
                throw new RestException(404, "PGRST125", "Invalid path specified in request URL");
        }
    }

    /// <summary>
    /// On the platform, an event trigger reports schema changes to PostgREST. The test double also reloads its cache when an object is
    /// missing, so that tests do not need to wait for the notification.
    /// </summary>
    private async Task<SchemaCache.Snapshot> ReloadAfterMissAsync(SchemaCache.Snapshot snapshot)
    {
        if (!options.NoticesSchema)
        {
            return snapshot;
        }

        try
        {
            await cache.ReloadAsync(CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            cache.Invalidate();
            throw RestException.NoSchemaCache();
        }

        return await cache.CurrentAsync();
    }

    private static string Schema(ServiceRequest request)
    {
        var reads = request.Method is "GET" or "HEAD";
        var schema = request.Header(reads ? "Accept-Profile" : "Content-Profile");
        return schema is null ? SchemaCache.Schemas[0]
            : SchemaCache.Schemas.Contains(schema) ? schema
            : throw new RestException(406, "PGRST106", $"Invalid schema: {schema}",
                hint: $"Only the following schemas are exposed: {string.Join(", ", SchemaCache.Schemas)}");
    }

    private static string? SuggestSimilarName(SchemaCache.Snapshot snapshot, string schema, string name) => snapshot.Tables
        .Where(table => table.Schema == schema
            && (table.Name.StartsWith(name, StringComparison.Ordinal) || name.StartsWith(table.Name, StringComparison.Ordinal)))
        .Select(table => $"Perhaps you meant the table '{schema}.{table.Name}'")
        .FirstOrDefault();

    private static string Accepted(ServiceRequest request)
    {
        if (request.Header("Accept") is not { } accept)
        {
            return Plain;
        }

        foreach (var range in accept.Split(','))
        {
            var type = range.Split(';')[0].Trim().ToLowerInvariant();
            switch (type)
            {
                case "*/*" or Plain:
                    return Plain;
                case Singular when !range.Contains("nulls=stripped", StringComparison.Ordinal):
                    return Singular;
                case Singular or "text/csv" or "application/geo+json"
                    or "application/openapi+json" or "application/vnd.pgrst.array+json" or "application/vnd.pgrst.plan+json":
                    throw new NotSupportedException($"Accept: {range}");
            }
        }

        throw new RestException(406, "PGRST107",
            $"None of these media types are available: {string.Join(", ", accept.Split(',').Select(range => range.Trim()))}");
    }

    private async Task TableAsync(
        ServiceRequest request, string role, JsonObject claims, SchemaCache.Table table, RestPreferences preferences, string type)
    {
        switch (request.Method)
        {
            case "GET" or "HEAD":
                await ReadAsync(request, role, claims, table, preferences, type);
                break;
            case "POST":
                await InsertAsync(request, role, claims, table, preferences, type);
                break;
            case "PATCH":
                var query = RestQuery.Read(request);
                var body = await RestBody.ReadAsync(request, isCall: false, keysMayDiffer: true);
                await ChangeAsync(request, role, claims, table, RestPlanner.Update(table, query, body, preferences), preferences, type,
                    isUpdate: true);
                break;
            case "DELETE":
                await ChangeAsync(request, role, claims, table, RestPlanner.Delete(table, RestQuery.Read(request), preferences),
                    preferences, type, isUpdate: false);
                break;
            case "PUT":
                await PutAsync(request, role, claims, table, preferences, type);
                break;
            case "OPTIONS":
                throw new NotSupportedException("OPTIONS on a table");
            default:
                throw new RestException(405, "PGRST117", $"Unsupported HTTP method: {request.Method}");
        }
    }

    private async Task ReadAsync(
        ServiceRequest request, string role, JsonObject claims, SchemaCache.Table table, RestPreferences preferences, string type)
    {
        var plan = RestPlanner.Read(table, RestQuery.Read(request), preferences.WantsCount);
        var result = await RunAsync(request, table.Schema, role, claims, plan, preferences, type, checksSingular: true);
        request.Response.Headers["Content-Location"] = Location(request);
        SetApplied(request, preferences.Applied("count", "tx", "handling"));
        await WriteRowsAsync(request, table.Schema, plan, result, type);
    }

    private async Task InsertAsync(
        ServiceRequest request, string role, JsonObject claims, SchemaCache.Table table, RestPreferences preferences, string type)
    {
        if (preferences["missing"] == "default")
        {
            throw new NotSupportedException("missing=default");
        }

        var query = RestQuery.Read(request);
        var body = await RestBody.ReadAsync(request, isCall: false, keysMayDiffer: query.Columns is not null);
        var plan = RestPlanner.Insert(table, query, body, preferences);
        var result = await RunAsync(request, table.Schema, role, claims, plan, preferences, type, checksSingular: true);
        SetApplied(request, preferences.Applied(table.Key.Count == 0
            ? ["return", "count", "tx", "handling"]
            : ["resolution", "return", "count", "tx", "handling"]));
        request.Response.Headers["Content-Range"] = preferences.WantsCount ? $"*/{result.Rows}" : "*/*";
        if (result.Location is { } location)
        {
            request.Response.Headers.Location = $"/{table.Name}?{location}";
        }

        var created = preferences["resolution"] != "merge-duplicates" || table.Key.Count == 0 || result.Inserted > 0 ? 201 : 200;
        await WriteChangedAsync(request, table.Schema, result, created, created, preferences, type);
    }

    private async Task PutAsync(
        ServiceRequest request, string role, JsonObject claims, SchemaCache.Table table, RestPreferences preferences, string type)
    {
        var query = RestQuery.Read(request);
        if (!query.Filters.Select(filter => filter.Key).Order(StringComparer.Ordinal).SequenceEqual(table.Key.Order(StringComparer.Ordinal))
            || query.Filters.Any(filter => !filter.Value.StartsWith("eq.", StringComparison.Ordinal)))
        {
            throw new RestException(405, "PGRST105", "Filters must include all and only primary key columns with 'eq' operators");
        }

        var body = await RestBody.ReadAsync(request, isCall: false, keysMayDiffer: query.Columns is not null);
        var plan = RestPlanner.Insert(table, query, body, preferences, isPut: true);
        var result = await RunAsync(request, table.Schema, role, claims, plan, preferences, type, checksSingular: true, isPut: true);
        SetApplied(request, preferences.Applied("return"));
        await WriteChangedAsync(request, table.Schema, result, 204, result.Inserted > 0 ? 201 : 200, preferences, type);
    }

    private async Task ChangeAsync(
        ServiceRequest request, string role, JsonObject claims, SchemaCache.Table table, RestPlan plan, RestPreferences preferences,
            string type, bool isUpdate)
    {
        var result = await RunAsync(request, table.Schema, role, claims, plan, preferences, type, checksSingular: true);
        SetApplied(request, preferences.Applied("return", "count", "tx", "handling", "max-affected"));
        var range = isUpdate && result.Rows > 0 ? $"0-{result.Rows - 1}" : "*";
        request.Response.Headers["Content-Range"] =
            $"{range}/{(preferences.WantsCount ? result.Rows.ToString(CultureInfo.InvariantCulture) : "*")}";
        await WriteChangedAsync(request, table.Schema, result, 204, 200, preferences, type);
    }

    private async Task CallAsync(
        ServiceRequest request, string role, JsonObject claims, SchemaCache.Snapshot snapshot, string schema, string name,
            RestPreferences preferences, string type)
    {
        if (request.Method is not ("GET" or "HEAD" or "POST"))
        {
            throw new RestException(405, "PGRST101", $"Cannot use the {request.Method} method on RPC");
        }

        var body = request.Method == "POST" ? await RestBody.ReadAsync(request, isCall: true, keysMayDiffer: true) : null;
        if (!snapshot.FindFunctions(schema, name).Any())
        {
            snapshot = await ReloadAfterMissAsync(snapshot);
        }

        var (function, plan) = RestCall.Plan(snapshot, schema, name, RestQuery.Read(request), body, preferences.WantsCount);
        if (preferences.MaxAffected is not null && !function.IsSet)
        {
            throw new RestException(
                400, "PGRST128", "Function must return SETOF or TABLE when max-affected preference is used with handling=strict");
        }

        var result =
            await RunAsync(request, schema, role, claims, plan, preferences, function.IsSet ? type : Plain, checksSingular: function.IsSet);
        SetApplied(request, preferences.Applied("count", "tx", "handling"));
        if (!function.IsVoid)
        {
            await WriteRowsAsync(request, schema, plan, result, type);
            return;
        }

        request.Response.Headers["Content-Range"] = "0-0/*";
        Override(request.Response, result, 204);
    }

    private async Task<RestResult> RunAsync(
        ServiceRequest request, string schema, string role, JsonObject claims, RestPlan plan, RestPreferences preferences, string type,
            bool checksSingular, bool isPut = false)
    {
        var isSingular = type == Singular && checksSingular;
        if (isSingular)
        {
            plan = plan with { Body = "(json_agg(_t) -> 0)::text" };
        }

        var ended = await _transaction.RunAsync(request, schema, role, claims, plan, preferences.WantsRollback, result =>
        {
            if (isPut && result.Rows != 1)
            {
                throw new RestException(400, "PGRST115", "Payload values do not match URL in primary key column(s)");
            }

            if (isSingular && result.Rows != 1)
            {
                throw new RestException(
                    406, "PGRST116", "Cannot coerce the result to a single JSON object", $"The result contains {result.Rows} rows");
            }

            if (request.Method is not ("GET" or "HEAD") && preferences.MaxAffected is { } most && result.Rows > most)
            {
                throw new RestException(
                    400, "PGRST124", "Query result exceeds max-affected preference constraint", $"The query affects {result.Rows} rows");
            }
        });

        // PostgREST reads the headers and the status that the function set only after the commit.
        CheckOverrides(ended);
        return ended;
    }

    private static void CheckOverrides(RestResult result)
    {
        if (result.Status is { } status && !int.TryParse(status, CultureInfo.InvariantCulture, out _))
        {
            throw new RestException(500, "PGRST112", "response.status guc must be a valid status code");
        }

        if (result.Headers is { } headers && !IsHeaderList(headers))
        {
            throw new RestException(
                500, "PGRST111", "response.headers guc must be a JSON array composed of objects with a single key and a string value");
        }
    }

    private static bool IsHeaderList(string text)
    {
        try
        {
            using var list = JsonDocument.Parse(text);
            return list.RootElement.ValueKind == JsonValueKind.Array && list.RootElement.EnumerateArray().All(one =>
                one.ValueKind == JsonValueKind.Object && one.EnumerateObject().ToList() is [{ Value.ValueKind: JsonValueKind.String }]);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void SetApplied(ServiceRequest request, string? applied)
    {
        if (applied is not null)
        {
            request.Response.Headers["Preference-Applied"] = applied;
        }
    }

    private static Task WriteRowsAsync(ServiceRequest request, string schema, RestPlan plan, RestResult result, string type)
    {
        var total = result.Total is { } count ? count.ToString(CultureInfo.InvariantCulture) : "*";
        if (plan.Offset > result.Total)
        {
            request.Response.Headers["Content-Range"] = $"*/{total}";
            request.Response.Headers["Content-Profile"] = schema;
            var details = $"An offset of {plan.Offset} was requested, but there are only {total} rows.";
            var error = new JsonObject { ["code"] = "PGRST103", ["details"] = details, ["hint"] = null,
                ["message"] = "Requested range not satisfiable" };
            return request.Response.JsonAsync(416, error, "application/json; charset=utf-8");
        }

        var range = result.Rows == 0 ? "*" : $"{plan.Offset}-{plan.Offset + result.Rows - 1}";
        request.Response.Headers["Content-Range"] = $"{range}/{total}";
        request.Response.Headers["Content-Profile"] = schema;
        var isPartial = result.Total is { } all && result.Rows < all;
        return WriteBodyAsync(request, result, isPartial ? 206 : 200, type);
    }

    private static Task WriteChangedAsync(
        ServiceRequest request, string schema, RestResult result, int without, int with, RestPreferences preferences, string type)
    {
        if (preferences.WantsRepresentation)
        {
            request.Response.Headers["Content-Profile"] = schema;
            return WriteBodyAsync(request, result, with, type);
        }

        Override(request.Response, result, without);
        if (without != 204)
        {
            request.Response.ContentLength = 0;
        }

        return Task.CompletedTask;
    }

    private static Task WriteBodyAsync(ServiceRequest request, RestResult result, int status, string type)
    {
        Override(request.Response, result, status);
        var contentType = request.Response.ContentType ?? $"{type}; charset=utf-8";
        if (request.Method == "HEAD" || request.Response.StatusCode is 204 or 304)
        {
            request.Response.ContentType = contentType;
            return Task.CompletedTask;
        }

        return request.Response.TextAsync(request.Response.StatusCode, result.Body ?? string.Empty, contentType);
    }

    /// <summary>A database function may override the status and the headers of the response.</summary>
    private static void Override(HttpResponse response, RestResult result, int status)
    {
        response.StatusCode = result.Status is { } requested ? int.Parse(requested, CultureInfo.InvariantCulture) : status;
        if (response.StatusCode == 503)
        {
            response.Headers.RetryAfter = "0";
        }

        foreach (var header in result.Headers is { } headers
            ? JsonDocument.Parse(headers).RootElement.EnumerateArray().SelectMany(one => one.EnumerateObject())
            : [])
        {
            response.Headers[header.Name] = header.Value.ToString();
        }
    }

    private static string Location(ServiceRequest request)
    {
        var parameters = request.Parameters().OrderBy(parameter => parameter.Key, StringComparer.Ordinal)
            .GroupBy(parameter => parameter.Key)
            .Select(group =>
                $"{Uri.EscapeDataString(group.Key)}={string.Join(',', group.Select(parameter => Uri.EscapeDataString(parameter.Value)))}");
        var query = string.Join('&', parameters);
        return query.Length == 0 ? request.Path : $"{request.Path}?{query}";
    }
}
