using System.Text.Json.Nodes;
using Npgsql;

namespace SupabaseStandIn.Rest;

/// <summary>A refusal as PostgREST 14 words it: four members, and the code again in <c>Proxy-Status</c>.</summary>
internal sealed class RestError(int status, string code, string message, string? details = null, string? hint = null) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    /// <summary>What <c>WWW-Authenticate</c> says, if it is sent.</summary>
    public string? Challenge { get; private init; }

    public static RestError Parse(string what) => new(400, "PGRST100", $"\"failed to parse {what}\"");

    public static RestError Token(string code, string message, string? details = null) =>
        new(401, code, message, details) { Challenge = $"Bearer error=\"invalid_token\", error_description=\"{message}\"" };

    public static RestError NoTable(string schema, string table) => new(404, "PGRST205", $"Could not find the table '{schema}.{table}' in the schema cache");

    public static RestError NoFunction(string schema, string name, IEnumerable<string> arguments)
    {
        var names = string.Join(", ", arguments.Order(StringComparer.Ordinal));
        return new RestError(
            404,
            "PGRST202",
            names.Length == 0
                ? $"Could not find the function {schema}.{name} without parameters in the schema cache"
                : $"Could not find the function {schema}.{name}({names}) in the schema cache",
            names.Length == 0
                ? $"Searched for the function {schema}.{name} without parameters, but no matches were found in the schema cache."
                : $"Searched for the function {schema}.{name} with parameter{(names.Contains(',', StringComparison.Ordinal) ? "s" : string.Empty)} {names} or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache.");
    }

    public static RestError NotOneRow(long rows) => new(406, "PGRST116", "Cannot coerce the result to a single JSON object", $"The result contains {rows} rows");

    /// <summary>What became of an error of PostgreSQL's.</summary>
    public static RestError Of(PostgresException exception, bool isAnonymous)
    {
        var status = exception.SqlState switch
        {
            "42501" => isAnonymous ? 401 : 403,
            "23503" or "23505" => 409,
            "25006" => 405,
            "42883" or "42P01" => 404,
            "57P01" => 503,
            "P0001" => 400,
            "22023" when exception.MessageText.StartsWith("role \"", StringComparison.Ordinal) => 401,
            "21000" => exception.MessageText.StartsWith("ON CONFLICT", StringComparison.Ordinal) ? 500 : 400,
            var state when state.StartsWith("PT", StringComparison.Ordinal) => int.TryParse(state.AsSpan(2), out var own) ? own : 500,
            "53400" => 500,
            var state => state[..2] switch
            {
                "08" or "53" => 503,
                "09" or "25" or "2D" or "38" or "39" or "3B" or "40" or "54" or "55" or "57" or "58" or "F0" or "HV" or "XX" => 500,
                "28" or "0L" or "0P" => 403,
                "P0" => 500,
                _ => 400,
            },
        };
        return new RestError(status, exception.SqlState, exception.MessageText, exception.Detail, exception.Hint)
        {
            Challenge = status == 401 ? "Bearer" : null,
        };
    }

    public JsonObject Body() => new() { ["code"] = Code, ["details"] = details, ["hint"] = hint, ["message"] = Message };
}
