using System.Text.Json.Nodes;

namespace SupabaseStandIn.Storage;

/// <summary>
/// Represents an error response of Storage. The HTTP status is nearly always 400, and the body contains the actual status.
/// </summary>
internal sealed class StorageError(string statusCode, string code, string error, string message, int httpStatus = 400) : Exception(message)
{
    public int HttpStatus { get; } = httpStatus;

    public static StorageError NoSuchKey() => new("404", "NoSuchKey", "not_found", "Object not found");

    public static StorageError NoSuchBucket() => new("404", "NoSuchBucket", "Bucket not found", "Bucket not found");

    public static StorageError AccessDenied(string message) => new("403", "AccessDenied", "Unauthorized", message);

    public static StorageError Exists() => new("409", "KeyAlreadyExists", "Duplicate", "The resource already exists");

    public static StorageError TooLarge() =>
        new("413", "EntityTooLarge", "Payload too large", "The object exceeded the maximum allowed size");

    public static StorageError MimeType(string message) => new("415", "InvalidMimeType", "invalid_mime_type", message);

    public static StorageError Request(string message, string error = "Error") => new("400", "InvalidRequest", error, message);

    public static StorageError InvalidKey(string name) => new("400", "InvalidKey", "InvalidKey", $"Invalid key: {name}");

    public static StorageError InvalidToken(string message) => new("400", "InvalidJWT", "InvalidJWT", message);

    public static StorageError InvalidSignature(string message = "Invalid signature") =>
        new("400", "InvalidSignature", "InvalidSignature", message);

    public static StorageError InvalidParameter(string message) => new("400", "InvalidParameter", "InvalidParameter", message);

    public static StorageError InvalidRange() => new("416", "InvalidRange", "invalid_range", "invalid range provided", 416);

    public static StorageError Truncated() =>
        new("500", "InternalError", "Error", "Part terminated early due to unexpected end of multipart data", 500);

    public static StorageError Internal() => new("500", "InternalError", "Internal", "Internal Server Error", 500);

    public static StorageError Database(string sqlState) =>
        new("500", "DatabaseError", "DatabaseError", $"database error, code: {sqlState}", 500);

    public static StorageError DatabaseTimeout() =>
        new("544", "DatabaseTimeout", "DatabaseTimeout", "The connection to the database timed out", 544);

    public static StorageError DatabaseReadOnly() =>
        new("503", "DatabaseReadOnly", "DatabaseReadOnly", "The database is currently in read-only mode. Please try again later.");

    public static StorageError LockTimeout() => new("503", "LockTimeout", "acquiring_lock_timeout", "acquiring lock timeout");

    public static StorageError SlowDown() =>
        new("429", "SlowDown", "too_many_connections", "Too many connections issued to the database", 429);

    /// <summary>Returns the response body. Releases before 1.67 omit the member <c>code</c> if the status is below 500.</summary>
    public JsonObject Body(bool withCode)
    {
        var body = new JsonObject { ["statusCode"] = statusCode, ["error"] = error, ["message"] = Message };
        if (withCode || HttpStatus >= 500)
        {
            body["code"] = code;
        }

        return body;
    }
}
