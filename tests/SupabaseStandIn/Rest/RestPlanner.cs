namespace SupabaseStandIn.Rest;

/// <summary>Converts requests for tables to SQL statements.</summary>
internal static class RestPlanner
{
    private const long MaxRows = 1000;

    public static RestPlan Read(SchemaCache.Table table, RestQuery query, bool wantsCount)
    {
        var sql = new Sql();
        var name = Sql.Quote(table.Schema, table.Name);
        var where = Where(query, name, sql);
        return new RestPlan(
            sql, $"select {RestSelect.Columns(query.Select, name)} from {name}{where}{RestSelect.Order(query.Order, name)}{Page(query)}")
        {
            IsReadOnly = true,
            Offset = query.Offset,
            CountSource = wantsCount ? $"select 1 from {name}{where}" : null,
        };
    }

    public static RestPlan Insert(SchemaCache.Table table, RestQuery query, RestBody body, RestPreferences preferences, bool isPut = false)
    {
        var sql = new Sql();
        var name = Sql.Quote(table.Schema, table.Name);
        var columns = query.Columns ?? [.. body.Keys];
        CheckColumns(table, columns);
        var json = sql.Parameter(body.IsArray ? body.Json : $"[{body.Json}]");
        var list = string.Join(", ", columns.Select(Sql.Quote));
        var source = columns.Length == 0 && !body.IsEmpty ? "default values"
            : columns.Length == 0 ? $"select {name}.* from {name} where false"
            : $"({list}) select {string.Join(", ", columns.Select(Sql.Quote))} from json_to_recordset({json}::json) as "
                + $"_({Types(table, columns)}){(isPut ? Where(query, "_", sql) : string.Empty)}";
        if (columns.Length == 0 && !body.IsEmpty)
        {
            sql = new Sql();
        }

        var target = query.OnConflict ?? [.. table.Key];
        var resolution = target.Length == 0 ? null : isPut ? "merge-duplicates" : preferences["resolution"];
        var conflict = resolution switch
        {
            null => string.Empty,
            "merge-duplicates" when columns.Length > 0 =>
                $" on conflict ({string.Join(", ", target.Select(Sql.Quote))}) do update set "
                    + $"{string.Join(", ", columns.Select(column => $"{Sql.Quote(column)} = excluded.{Sql.Quote(column)}"))}",
            _ => $" on conflict ({string.Join(", ", target.Select(Sql.Quote))}) do nothing",
        };
        var location = preferences["return"] == "headers-only" && table.Key.Count > 0;
        var merges = resolution == "merge-duplicates";
        var returning = preferences.WantsRepresentation ? (merges ? $"{name}.*" : RestSelect.Columns(query.Select, name))
            : location ? string.Join(", ", table.Key.Select(Sql.Quote)) : "1 as one";
        if (body.IsEmpty)
        {
            return new RestPlan(new Sql(), $"select {returning}{(merges ? ", true as pgrst_new" : string.Empty)} from {name} where false");
        }

        return new RestPlan(
            sql, $"insert into {name} {source}{conflict} returning {returning}{(merges ? ", (xmax = 0) as pgrst_new" : string.Empty)}")
        {
            Inserted = merges ? "count(*) filter (where pgrst_new)" : "count(*)",
            Columns = !merges || !preferences.WantsRepresentation ? "*"
                : string.IsNullOrEmpty(query.Select) ? string.Join(", ", table.Columns.Keys.Select(Sql.Quote))
                : RestSelect.Columns(query.Select, "pgrst_source"),
            Location = location
                ? string.Join(" || '&' || ", table.Key.Select(key => $"'{key}=eq.' || {Sql.Quote(key)}::text"))
                : "null::text",
        };
    }

    public static RestPlan Update(SchemaCache.Table table, RestQuery query, RestBody body, RestPreferences preferences)
    {
        var sql = new Sql();
        var name = Sql.Quote(table.Schema, table.Name);
        var columns = query.Columns ?? [.. body.Keys];
        CheckColumns(table, columns);
        var returning = preferences.WantsRepresentation ? RestSelect.Columns(query.Select, name) : "1 as one";
        if (columns.Length == 0)
        {
            return new RestPlan(sql, $"select {returning} from {name} where false");
        }

        var json = sql.Parameter(body.IsArray ? body.Json : $"[{body.Json}]");
        RequireFilter(query, "UPDATE");
        var set = string.Join(", ", columns.Select(column => $"{Sql.Quote(column)} = pgrst_body.{Sql.Quote(column)}"));
        var source = $"(select * from json_to_recordset({json}::json) as _({Types(table, columns)}) limit 1) as pgrst_body";
        return new RestPlan(sql, $"update {name} set {set} from {source}{Where(query, name, sql)} returning {returning}");
    }

    public static RestPlan Delete(SchemaCache.Table table, RestQuery query, RestPreferences preferences)
    {
        var sql = new Sql();
        var name = Sql.Quote(table.Schema, table.Name);
        RequireFilter(query, "DELETE");
        var returning = preferences.WantsRepresentation ? RestSelect.Columns(query.Select, name) : "1 as one";
        return new RestPlan(sql, $"delete from {name}{Where(query, name, sql)} returning {returning}");
    }

    public static string Where(RestQuery query, string name, Sql sql) =>
        query.Filters.Count == 0
            ? string.Empty
            : " where " + string.Join(" and ", query.Filters.Select(filter => RestFilter.ToSql(filter, name, sql)));

    public static string Page(RestQuery query) =>
        $" limit {Math.Min(query.Limit ?? MaxRows, MaxRows)} offset {query.Offset}";

    private static string Types(SchemaCache.Table table, IEnumerable<string> columns) =>
        string.Join(", ", columns.Select(column => $"{Sql.Quote(column)} {table.Columns[column]}"));

    private static void CheckColumns(SchemaCache.Table table, IEnumerable<string> columns)
    {
        foreach (var column in columns.Where(column => !table.Columns.ContainsKey(column)))
        {
            throw new RestException(400, "PGRST204", $"Could not find the '{column}' column of '{table.Name}' in the schema cache");
        }
    }

    /// <summary>Rejects an update or a delete without a filter, as the platform does.</summary>
    private static void RequireFilter(RestQuery query, string verb)
    {
        if (query.Filters.Count == 0)
        {
            throw new RestException(400, "21000", $"{verb} requires a WHERE clause");
        }
    }
}
