using Npgsql;

namespace SupabaseStandIn.Auth;

/// <summary>An error as Auth formulates it. Without a code header it is one that nobody formulated.</summary>
internal sealed class AuthException(int status, string code, string message) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    /// <summary>Reasons of a weak password.</summary>
    public string[]? Reasons { get; init; }

    /// <summary>Auth's own sentence, not the catch-all of its recovery handler.</summary>
    public bool Formulated { get; init; } = true;

    /// <summary>What a trigger of the project raised; it shows through in the old shape.</summary>
    public PostgresException? Raised { get; init; }

    public static AuthException Unhandled() =>
        new(500, "unexpected_failure", "Unexpected failure, please check server logs for more information") { Formulated = false };

    /// <summary>A failure of the database, in the words of the original's driver behind those of the step that it happened in.</summary>
    public static AuthException Database(string step, NpgsqlException failure) => new(500, "unexpected_failure", step + failure switch
    {
        PostgresException refusal => $"{refusal.InvariantSeverity}: {refusal.MessageText} (SQLSTATE {refusal.SqlState})",
        _ => "unexpected EOF",
    });

    public static AuthException BadToken(string message) => new(403, "bad_jwt", message);

    public static AuthException Validation(string message) => new(400, "validation_failed", message);
}
