using System.Text.Json.Nodes;

namespace SupabaseStandIn.Rest;

/// <summary>A function as the schema cache knows it.</summary>
internal sealed record RestFunction(
    string Name, bool ReturnsSet, bool IsVoid, bool ReturnsRow, bool IsReadOnly, int Required, IReadOnlyList<string> Arguments, IReadOnlyList<string> Types)
{
    /// <summary>Whether all names are known, and none that is needed is missing.</summary>
    public bool Takes(JsonObject given) =>
        given.All(member => Arguments.Contains(member.Key)) && Arguments.Take(Required).All(given.ContainsKey);

    /// <summary>The call, with the arguments as one JSON parameter, whose result is text.</summary>
    public (string Sql, bool IsSet) Call(JsonObject given)
    {
        var arguments = string.Join(", ", Arguments.Select((name, index) => (name, type: Types[index])).Where(argument => given.ContainsKey(argument.name)).Select(Argument));
        var call = $"public.{Identifiers.Quoted(Name)}({arguments})";
        var sql = (ReturnsSet, ReturnsRow) switch
        {
            (true, true) => $"select coalesce(json_agg(t), '[]')::text from {call} as t",
            (true, false) => $"select coalesce(json_agg(t.v), '[]')::text from {call} as t(v)",
            (false, true) => $"select row_to_json(t)::text from {call} as t",
            _ when IsVoid => $"select {call}::text",
            _ => $"select case when r.v is null then 'null' when pg_typeof(r.v) in ('json'::regtype, 'jsonb'::regtype) then r.v::text else to_json(r.v)::text end from (select {call}) as r(v)",
        };
        return ($"{sql} where $1::json is not null", ReturnsSet);
    }

    private static string Argument((string Name, string Type) argument)
    {
        var name = $"'{argument.Name.Replace("'", "''", StringComparison.Ordinal)}'";
        return argument.Type is "json" or "jsonb"
            ? $"{Identifiers.Quoted(argument.Name)} => nullif($1::jsonb -> {name}, 'null')::{argument.Type}"
            : $"{Identifiers.Quoted(argument.Name)} => ($1::json ->> {name})::{argument.Type}";
    }
}
