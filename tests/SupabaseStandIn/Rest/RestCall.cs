namespace SupabaseStandIn.Rest;

/// <summary>Creates the SQL statements for function calls. The names of the arguments select the overload of the function.</summary>
internal static class RestCall
{
    public static (SchemaCache.Function Function, RestPlan Plan) Plan(
        SchemaCache.Snapshot snapshot, string schema, string name, RestQuery query, RestBody? body, bool wantsCount)
    {
        var given = body is null ? query.TakeArguments() : null;
        var names = given?.Keys.Order(StringComparer.Ordinal).ToArray() ?? [.. body!.Keys];
        var function = Find(snapshot, schema, name, names, isPost: body is not null);
        var sql = new Sql();
        var call = Sql.Quote(schema, name);
        var arguments = function.Arguments.Where(argument => names.Contains(argument.Name)).ToList();
        string from;
        if (given is not null || arguments.Count == 0)
        {
            var values = arguments.Select(
                argument => $"{Sql.Quote(argument.Name)} := {sql.Parameter(given![argument.Name])}::{argument.Type}");
            from = $"{call}({string.Join(", ", values)}) as pgrst_call";
        }
        else
        {
            var record = string.Join(", ", arguments.Select(argument => $"{Sql.Quote(argument.Name)} {argument.Type}"));
            var values = arguments.Select(argument => $"{Sql.Quote(argument.Name)} := pgrst_args.{Sql.Quote(argument.Name)}");
            from = $"json_to_record({sql.Parameter(body!.Json)}::json) as pgrst_args({record}), "
                + $"lateral {call}({string.Join(", ", values)}) as pgrst_call";
        }

        var rows = function.IsComposite ? "pgrst_call.*" : "pgrst_call as pgrst_scalar";
        var table = "pgrst_call";
        var filtered = function.IsComposite
            ? $"select {RestSelect.Columns(query.Select, table)} from "
                + $"{from}{RestPlanner.Where(query, table, sql)}{RestSelect.Order(query.Order, table)}"
            : $"select {rows} from {from}";
        var element = function.IsComposite ? "_t" : "_t.pgrst_scalar";
        return (function, new RestPlan(sql, filtered)
        {
            Page = function.IsSet ? RestPlanner.Page(query) : string.Empty,
            IsReadOnly = body is null || function.IsReadOnly,
            Isolation = function.Isolation ?? "read committed",
            StatementTimeout = function.StatementTimeout,
            Offset = function.IsSet ? query.Offset : 0,
            CountSource = wantsCount ? "select 1 from pgrst_source" : null,
            Body = function.IsVoid ? "null::text"
                : function.IsSet ? $"coalesce(json_agg({element}), '[]')::text"
                : $"coalesce((json_agg({element}) -> 0)::text, 'null')",
        });
    }

    private static SchemaCache.Function Find(SchemaCache.Snapshot snapshot, string schema, string name, string[] given, bool isPost)
    {
        var fitting = snapshot.FindFunctions(schema, name)
            .Where(function => given.All(argument => function.Arguments.Any(known => known.Name == argument))
                && function.Arguments.All(argument => !argument.Required || given.Contains(argument.Name)))
            .ToList();
        return fitting switch
        {
            [var only] => only,
            [] => throw NotFound(schema, name, given, isPost),
            _ => throw new RestException(
                300,
                "PGRST203",
                $"Could not choose the best candidate function between: {string.Join(", ", fitting.Select(Signature))}",
                hint: "Try renaming the parameters or the function itself in the database so function overloading can be resolved"),
        };
    }

    private static string Signature(SchemaCache.Function function) =>
        $"{function.Schema}.{function.Name}("
            + $"{string.Join(", ", function.Arguments.Select(argument => $"{argument.Name} => {argument.Type}"))})";

    private static RestException NotFound(string schema, string name, string[] given, bool isPost)
    {
        var with = given.Length switch
        {
            0 => "without parameters",
            1 => $"with parameter {given[0]}",
            _ => $"with parameters {string.Join(", ", given)}",
        };
        var or = isPost ? " or with a single unnamed json/jsonb parameter" : string.Empty;
        return new RestException(
            404,
            "PGRST202",
            "Could not find the function "
                + $"{schema}.{name}{(given.Length == 0 ? " without parameters" : $"({string.Join(", ", given)})")} in the schema cache",
            $"Searched for the function {schema}.{name} {(given.Length == 0 && isPost ? "without parameters" : with)}{or}, but "
                + "no matches were found in the schema cache.");
    }
}
