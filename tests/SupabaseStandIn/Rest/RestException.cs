using Npgsql;

namespace SupabaseStandIn.Rest;

/// <summary>Represents an error response of PostgREST.</summary>
internal sealed class RestException(int status, string code, string message, string? details = null, string? hint = null)
    : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    public string? Details { get; } = details;

    public string? Hint { get; } = hint;

    public string? Challenge { get; init; }

    /// <summary>Converts a database error to a response by its SQLSTATE class, as PostgREST does.</summary>
    public static RestException From(PostgresException error, bool isAnonymous)
    {
        var code = error.SqlState;
        var status = code switch
        {
            "42501" => isAnonymous ? 401 : 403,
            "42883" or "42P01" => 404,
            "23503" or "23505" => 409,
            "25006" => 405,
            "21000" => error.MessageText.EndsWith("requires a WHERE clause", StringComparison.Ordinal) ? 400 : 500,
            "57P01" => 503,
            "53400" or "42P17" => 500,
            "22023" when error.MessageText.StartsWith("role ", StringComparison.Ordinal)
                && error.MessageText.EndsWith("does not exist", StringComparison.Ordinal) => 401,
            "P0001" => 400,
            _ => code[..2] switch
            {
                "08" or "53" => 503,
                "09" or "2D" or "38" or "39" or "3B" or "40" or "54" or "55" or "57" or "58" or "F0" or "HV" or "P0" or "XX" or "25" => 500,
                "0L" or "0P" or "28" => 403,
                "PT" when int.TryParse(code[2..], out var requested) => requested,
                "PT" => 500,
                _ => 400,
            },
        };
        return new RestException(status, code, error.MessageText, error.Detail, error.Hint) { Challenge = status == 401 ? "Bearer" : null };
    }

    public static RestException NotFound(string table, string? hint) =>
        new(404, "PGRST205", $"Could not find the table '{table}' in the schema cache", hint: hint);

    public static RestException BadQuery(string what, string details) => new(400, "PGRST100", what, details);

    public static RestException NoSchemaCache() => new(503, "PGRST002", "Could not query the database for the schema cache. Retrying.");
}
