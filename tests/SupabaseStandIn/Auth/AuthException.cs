using Npgsql;

namespace SupabaseStandIn.Auth;

/// <summary>Represents an error response of Auth.</summary>
internal sealed class AuthException(int status, string code, string message) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    /// <summary>Gets the reasons why a password is too weak.</summary>
    public string[]? Reasons { get; init; }

    /// <summary>
    /// Gets a value that indicates whether the response contains this message and not the general message of Auth's panic handler.
    /// </summary>
    public bool HasSpecificMessage { get; init; } = true;

    /// <summary>Gets the exception that a trigger of the project raised. The old error format contains its message.</summary>
    public PostgresException? Raised { get; init; }

    public static AuthException Unhandled() =>
        new(500, "unexpected_failure", "Unexpected failure, please check server logs for more information") { HasSpecificMessage = false };

    /// <summary>
    /// Creates the error for a database failure. The message names the step that failed and contains the message of Auth's database driver.
    /// </summary>
    public static AuthException Database(string step, NpgsqlException failure) => new(500, "unexpected_failure", step + failure switch
    {
        PostgresException rejection => $"{rejection.InvariantSeverity}: {rejection.MessageText} (SQLSTATE {rejection.SqlState})",
        _ => "unexpected EOF",
    });

    public static AuthException BadToken(string message) => new(403, "bad_jwt", message);

    public static AuthException Validation(string message) => new(400, "validation_failed", message);
}
