using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Npgsql;
using SupabaseStandIn.Database;
using SupabaseStandIn.Gateway;
using SupabaseStandIn.Tokens;

namespace SupabaseStandIn.Storage;

/// <summary>Implements Supabase Storage with its file backend.</summary>
internal sealed partial class StorageService(
    StandInDatabase database, KeyRing keys, StandInClock clock, string folder, StandInOptions options)
    : IService
{
    private const int MaxHeadLength = 16 * 1024;

    public const string JsonType = "application/json; charset=utf-8";

    /// <summary>The path segments of other routes, which cannot be used as bucket names.</summary>
    private static readonly string[] ReservedBuckets = ["upload/sign/", "sign/", "list-v2/"];

    private readonly ObjectTable _objects = new(database, options.StorageLockTimeout);
    private readonly BlobFolder _blobs = new(folder);

    // Since release 1.67.18, every error has a code.
    private readonly bool _hasCodes = Version.Parse(options.StorageVersion) >= new Version(1, 67, 18);

    public async Task HandleAsync(ServiceRequest request)
    {
        if (GetServerRejection(request) is { } rejection)
        {
            await request.Response.JsonAsync((int)rejection["statusCode"]!, rejection);
            return;
        }

        try
        {
            await RouteAsync(request);
        }
        catch (StorageError error)
        {
            await WriteErrorAsync(request, error);
        }
        catch (PostgresException exception)
        {
            await WriteErrorAsync(request, exception.SqlState switch
            {
                PostgresErrorCodes.InsufficientPrivilege when _hasCodes && exception.MessageText.StartsWith(
                    "permission denied", StringComparison.Ordinal) => StorageError.AccessDenied(exception.MessageText),
                PostgresErrorCodes.InsufficientPrivilege => StorageError.AccessDenied("new row violates row-level security policy"),
                PostgresErrorCodes.TooManyConnections => StorageError.SlowDown(),
                PostgresErrorCodes.QueryCanceled => StorageError.DatabaseTimeout(),
                PostgresErrorCodes.ReadOnlySqlTransaction when _hasCodes => StorageError.DatabaseReadOnly(),
                PostgresErrorCodes.InvalidTextRepresentation when _hasCodes => StorageError.InvalidParameter(exception.MessageText),
                var state => StorageError.Database(state),
            });
        }
        catch (NpgsqlException exception)
        {
            // The test double sets no command timeout, so a timeout here is a connection timeout.
            await WriteErrorAsync(request, exception.InnerException is TimeoutException
                ? StorageError.DatabaseTimeout()
                : StorageError.Internal());
        }
    }

    /// <summary>Reads a JSON body as the web framework of Storage does.</summary>
    /// <exception cref="StorageError">The body is empty or invalid.</exception>
    public static async Task<JsonObject> ReadJsonAsync(ServiceRequest request)
    {
        var body = await request.ReadBodyAsync();
        if (body.Length == 0)
        {
            throw StorageError.Request("Body cannot be empty when content-type is set to 'application/json'", "FastifyError");
        }

        try
        {
            return JsonNode.Parse(body) as JsonObject ?? throw StorageError.Request("body must be object");
        }
        catch (JsonException)
        {
            throw StorageError.Request("Body is not valid JSON but content-type is set to 'application/json'", "FastifyError");
        }
    }

    /// <summary>
    /// Returns the error response for a request that the web server or the web framework rejects before Storage's own code runs.
    /// </summary>
    private static JsonObject? GetServerRejection(ServiceRequest request) =>
        request.HeadLength > MaxHeadLength
            ? new JsonObject { ["error"] = "Request Header Fields Too Large", ["message"] = "Exceeded maximum allowed HTTP header size",
                ["statusCode"] = 431 }
        : BrokenEncoding().IsMatch(request.Path)
            ? new JsonObject { ["error"] = "Bad Request", ["code"] = "FST_ERR_BAD_URL",
                ["message"] = $"'{request.Path}' is not a valid url component", ["statusCode"] = 400 }
        : null;

    public static string Time(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private Task RouteAsync(ServiceRequest request)
    {
        var downloads = new Downloads(_objects, _blobs, _hasCodes);
        var signing = new Signing(_objects, downloads, keys, clock, _hasCodes);
        var isRead = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        return (request.Method, request.Path) switch
        {
            ("GET", "/status") => request.Response.TextAsync(200, string.Empty, "text/plain"),
            ("GET", var path) when After(path, "/bucket/") is { } rest =>
                BucketAsync(request, Caller(request), Uri.UnescapeDataString(rest)),
            (_, var path) when isRead && After(path, "/object/sign/") is { } rest => signing.OpenAsync(request, ObjectKey.Parse(rest)),
            ("POST", var path) when After(path, "/object/sign/") is { } rest
                && rest.Contains('/', StringComparison.Ordinal) => signing.CreateAsync(request, Caller(request), ObjectKey.Parse(rest)),
            ("POST", var path) when After(path, "/object/sign/") is { } bucket =>
                signing.CreateManyAsync(request, Caller(request), Uri.UnescapeDataString(bucket)),
            ("POST", var path) when After(path, "/object/list/") is { } rest =>
                new Listing(_objects).HandleAsync(request, Caller(request), Uri.UnescapeDataString(rest)),
            ("GET", var path) when After(path, "/object/info/public/") is { } rest =>
                PublicAsync(request, ObjectKey.Parse(rest), key => downloads.InfoAsync(request, caller: null, key)),
            ("GET", var path) when After(path, "/object/info/authenticated/") is { } rest =>
                PrivateAsync(request, Caller(request), ObjectKey.Parse(rest), downloads.InfoAsync),
            ("GET", var path) when After(path, "/object/info/") is { } rest =>
                PlainAsync(request, ObjectKey.Parse(rest), downloads.InfoAsync),
            (_, var path) when isRead && After(path, "/object/public/") is { } rest =>
                PublicAsync(request, ObjectKey.Parse(rest), key => downloads.HandleAsync(request, caller: null, key)),
            (_, var path) when isRead && After(path, "/object/authenticated/") is { } rest => PrivateAsync(
                request, Caller(request), ObjectKey.Parse(rest), (_, caller, key) => downloads.HandleAsync(request, caller, key)),
            (_, var path) when isRead && After(path, "/object/") is { } rest =>
                PlainAsync(request, ObjectKey.Parse(rest), (_, caller, key) => downloads.HandleAsync(request, caller, key)),
            ("POST" or "PUT", var path) when After(path, "/object/") is { } rest && !IsReserved(rest) =>
                new Uploads(_objects, _blobs, _hasCodes).HandleAsync(request, Caller(request), ObjectKey.Parse(rest)),
            ("DELETE", var path) when After(path, "/object/") is { } rest => rest.Contains('/', StringComparison.Ordinal)
                ? DeleteAsync(request, Caller(request), ObjectKey.Parse(rest))
                : DeleteManyAsync(request, Caller(request), Uri.UnescapeDataString(rest)),
            (var method, var path) => request.Response.NotImplementedAsync($"{method} {path} of Storage"),
        };
    }

    private StorageCaller Caller(ServiceRequest request) => StorageCaller.Of(request.Authorization, keys, clock);

    private async Task BucketAsync(ServiceRequest request, StorageCaller caller, string id)
    {
        var bucket = await _objects.FindBucketAsync(caller, id, request.Aborted) ?? throw StorageError.NoSuchBucket();
        var body = new JsonObject
        {
            ["id"] = bucket.Id,
            ["name"] = bucket.Id,
            ["owner"] = string.Empty,
            ["public"] = bucket.Public,
            ["file_size_limit"] = bucket.SizeLimit,
            ["allowed_mime_types"] = bucket.MimeTypes is { } types
                ? new JsonArray([.. types.Select(static type => JsonValue.Create(type))])
                : null,
            ["created_at"] = Time(bucket.CreatedAt),
            ["updated_at"] = Time(bucket.UpdatedAt),
        };
        await request.Response.JsonAsync(200, body, JsonType);
    }

    private async Task PrivateAsync(
        ServiceRequest request, StorageCaller caller, ObjectKey key, Func<ServiceRequest, StorageCaller?, ObjectKey, Task> response)
    {
        var bucket = await _objects.FindBucketAsync(key.Bucket, request.Aborted) ?? throw StorageError.NoSuchBucket();
        await response(request, bucket.Public ? null : caller, key);
    }

    private async Task PublicAsync(ServiceRequest request, ObjectKey key, Func<ObjectKey, Task> response)
    {
        if (await _objects.FindBucketAsync(key.Bucket, request.Aborted) is not { Public: true })
        {
            throw StorageError.NoSuchBucket();
        }

        await response(key);
    }

    // This route treats an invalid token like a missing token. Without a token, only public buckets can be read.
    private async Task PlainAsync(ServiceRequest request, ObjectKey key, Func<ServiceRequest, StorageCaller?, ObjectKey, Task> response)
    {
        StorageCaller caller;
        try
        {
            caller = request.Authorization is null ? StorageCaller.Anonymous : Caller(request);
        }
        catch (StorageError)
        {
            caller = StorageCaller.Anonymous;
        }

        if (await _objects.FindBucketAsync(key.Bucket, request.Aborted) is not { } bucket
            || (ReferenceEquals(caller, StorageCaller.Anonymous) && !bucket.Public))
        {
            throw StorageError.NoSuchBucket();
        }

        await response(request, bucket.Public ? null : caller, key);
    }

    private async Task DeleteAsync(ServiceRequest request, StorageCaller caller, ObjectKey key)
    {
        var deleted = await _objects.DeleteAsync(caller, key.Bucket, [key.Name], request.Aborted);
        if (deleted is not [var row])
        {
            // Since release 1.58.12, Storage returns a different error for an object of another user than for a missing object.
            throw _hasCodes && await _objects.FindAsync(caller: null, key.Bucket, key.Name, request.Aborted) is not null
                ? StorageError.AccessDenied("Access denied")
                : StorageError.NoSuchKey();
        }

        _blobs.Delete(row.Version);
        await request.Response.JsonAsync(200, new JsonObject { ["message"] = "Successfully deleted" }, JsonType);
    }

    private async Task DeleteManyAsync(ServiceRequest request, StorageCaller caller, string bucket)
    {
        var body = await ReadJsonAsync(request);
        var deleted = await _objects.DeleteAsync(caller, bucket, JsonSchema.Texts(body, "prefixes"), request.Aborted);
        foreach (var row in deleted)
        {
            _blobs.Delete(row.Version);
        }

        await request.Response.JsonAsync(
            200, new JsonArray([.. deleted.Select(static row => (JsonNode)Listing.ToFullEntry(row))]), JsonType);
    }

    private async Task WriteErrorAsync(ServiceRequest request, StorageError error)
    {
        if (!request.Response.HasStarted)
        {
            request.Response.Clear();
            Cors.TryPreflight(request.Context);
            await request.Response.JsonAsync(error.HttpStatus, error.Body(_hasCodes), JsonType);
        }
    }

    private static bool IsReserved(string rest) =>
        rest is "copy" or "move" || Array.Exists(ReservedBuckets, name => rest.StartsWith(name, StringComparison.Ordinal));

    private static string? After(string path, string prefix) => path.StartsWith(prefix, StringComparison.Ordinal)
        ? path[prefix.Length..]
        : null;

    [GeneratedRegex("%(?![0-9A-Fa-f]{2})")]
    private static partial Regex BrokenEncoding();
}
