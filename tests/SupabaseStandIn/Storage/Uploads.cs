using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Npgsql;
using SupabaseStandIn.Gateway;

namespace SupabaseStandIn.Storage;

/// <summary>Handles raw and multipart uploads. Permissions and uniqueness are checked only once, before the body is read.</summary>
internal sealed class Uploads(ObjectTable objects, BlobFolder blobs, bool checksSizeFirst)
{
    private const long GlobalLimit = 52_428_800;

    /// <summary>The length up to which Storage reads a form before it begins the upload.</summary>
    private const int FormBuffer = 64 * 1024;

    /// <summary>The object that the dashboard creates in an empty folder. It must be empty.</summary>
    private const string FolderPlaceholder = ".emptyFolderPlaceholder";

    public async Task HandleAsync(ServiceRequest request, StorageCaller caller, ObjectKey key)
    {
        key.Check();
        var bucket = await objects.FindBucketAsync(key.Bucket, request.Aborted) ?? throw StorageError.NoSuchBucket();
        var limit = key.Name.EndsWith("/" + FolderPlaceholder, StringComparison.Ordinal) ? 0 : bucket.SizeLimit ?? GlobalLimit;
        var upsert = HttpMethods.IsPut(request.Method) || request.Header("x-upsert") == "true";
        if (!checksSizeFirst)
        {
            await objects.CheckWriteAsync(caller, key.Bucket, key.Name, upsert, request.Aborted);
        }

        if (request.Context.Request.ContentLength > limit + 200 && !IsMultipart(request)
            || request.Context.Request.ContentLength > limit + 2000)
        {
            throw StorageError.TooLarge();
        }

        if (!IsMultipart(request))
        {
            CheckLength(request, limit);
            CheckType(bucket, request.Header("Content-Type") ?? "application/octet-stream");
        }

        if (checksSizeFirst)
        {
            await objects.CheckWriteAsync(caller, key.Bucket, key.Name, upsert, request.Aborted);
        }

        var before = upsert ? await objects.FindAsync(caller: null, key.Bucket, key.Name, request.Aborted) : null;
        var (content, type, cacheControl, metadata) = IsMultipart(request)
            ? await WithinFormAsync(request, () => ReadMultipartAsync(request, bucket))
            : (request.Context.Request.Body, request.Header("Content-Type")
                ?? "application/octet-stream", request.Header("Cache-Control") ?? "no-cache", Decoded(request.Header("x-metadata")));

        // Storage enforces no size limit for a raw body with chunked encoding.
        var isChunked = !IsMultipart(request) && request.Context.Request.ContentLength is null;
        var (version, size, tag) = await WithinFormAsync(
            request, () => blobs.SaveAsync(content, isChunked ? null : limit, request.Aborted));
        var now = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var stored =
            new { eTag = tag, size, mimetype = type, cacheControl, lastModified = now, contentLength = size, httpStatusCode = 200 };
        var id = await WriteRowAsync(request, caller, key, version, stored, metadata);
        if (before is not null)
        {
            blobs.Delete(before.Version);
        }

        await request.Response.JsonAsync(
            200, new JsonObject { ["Key"] = $"{key.Bucket}/{key.Name}", ["Id"] = id.ToString() }, StorageService.JsonType);
    }

    /// <summary>Writes the row of an uploaded object. If the write fails, the uploaded content is deleted.</summary>
    private async Task<Guid> WriteRowAsync(
        ServiceRequest request, StorageCaller caller, ObjectKey key, string version, object stored, string? metadata)
    {
        try
        {
            return await objects.WriteAsync(caller, key.Bucket, key.Name, version, stored, metadata, request.Aborted);
        }
        catch (Exception exception) when (exception is NpgsqlException or StorageError)
        {
            blobs.Delete(version);
            throw;
        }
    }

    /// <summary>Reads from the body. A form without its closing boundary is an error that depends on the length of the form.</summary>
    private static async Task<T> WithinFormAsync<T>(ServiceRequest request, Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException
            && IsMultipart(request) && !request.Aborted.IsCancellationRequested)
        {
            throw request.Context.Request.ContentLength > FormBuffer
                ? StorageError.Truncated()
                : StorageError.Request("Request stream closed before upload could begin", "InvalidRequest");
        }
    }

    private static bool IsMultipart(ServiceRequest request) =>
        request.Header("Content-Type")?.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase) == true;

    private static void CheckLength(ServiceRequest request, long limit)
    {
        if (request.Context.Request.ContentLength > limit)
        {
            throw StorageError.TooLarge();
        }
    }

    // Content types are compared as text. A type with an additional parameter or in a different case counts as another type.
    private static void CheckType(BucketRow bucket, string type)
    {
        if (!type.Contains('/', StringComparison.Ordinal))
        {
            throw StorageError.MimeType("Invalid Content-Type header");
        }

        if (bucket.MimeTypes is { } allowed && !allowed.Any(one => one == type
            || (one.EndsWith("/*", StringComparison.Ordinal) && type.StartsWith(one[..^1], StringComparison.Ordinal))))
        {
            throw StorageError.MimeType($"mime type {type} is not supported");
        }
    }

    private static async Task<(Stream Content, string Type, string CacheControl, string? Metadata)> ReadMultipartAsync(
        ServiceRequest request, BucketRow bucket)
    {
        if (!MediaTypeHeaderValue.TryParse(request.Header("Content-Type"), out var type) || type.Boundary.Length == 0)
        {
            throw StorageError.Request("Multipart: Boundary not found", "InvalidRequest");
        }

        var reader = new MultipartReader(HeaderUtilities.RemoveQuotes(type.Boundary).ToString(), request.Context.Request.Body);
        var (cacheControl, metadata) = ("no-cache", (string?)null);
        while (await reader.ReadNextSectionAsync(request.Aborted) is { } section)
        {
            var disposition = section.GetContentDispositionHeader();
            if (disposition?.IsFileDisposition() == true)
            {
                var fileType = section.ContentType ?? "application/octet-stream";
                CheckType(bucket, fileType);
                return (section.Body, fileType, cacheControl, metadata);
            }

            var value = await section.ReadAsStringAsync(request.Aborted);
            switch (HeaderUtilities.RemoveQuotes(disposition?.Name ?? default).ToString())
            {
                case "cacheControl":
                    cacheControl = $"max-age={value}";
                    break;
                case "metadata":
                    metadata = JsonOrNull(value);
                    break;
            }
        }

        throw StorageError.Request("No content provided", "InvalidRequest");
    }

    /// <summary>Returns the decoded metadata. Storage ignores metadata that is not JSON.</summary>
    private static string? Decoded(string? metadata)
    {
        var buffer = new byte[metadata?.Length ?? 0];
        return metadata is not null && Convert.TryFromBase64String(metadata, buffer, out var length)
            ? JsonOrNull(Encoding.UTF8.GetString(buffer, 0, length))
            : null;
    }

    private static string? JsonOrNull(string text)
    {
        try
        {
            return JsonNode.Parse(text) is null ? null : text;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
