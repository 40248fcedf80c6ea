using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Net.Http.Headers;
using SupabaseStandIn.Gateway;

namespace SupabaseStandIn.Storage;

/// <summary>Returns an object or one range of an object. A HEAD request reads only the row, as in Storage.</summary>
internal sealed class Downloads(ObjectTable objects, BlobFolder blobs, bool isNew)
{
    public async Task HandleAsync(ServiceRequest request, StorageCaller? caller, ObjectKey key, string? expires = null)
    {
        var row = await objects.FindAsync(caller, key.Bucket, key.Name, request.Aborted) ?? throw StorageError.NoSuchKey();
        var metadata = JsonNode.Parse(row.Metadata)!;
        var (size, tag, type) =
            (metadata["size"]!.GetValue<long>(), metadata["eTag"]!.GetValue<string>(), metadata["mimetype"]!.GetValue<string>());
        var response = request.Response;
        response.Headers.AcceptRanges = "bytes";
        response.Headers.ETag = tag;
        response.Headers["x-robots-tag"] = "none";
        response.Headers.LastModified = row.UpdatedAt.ToString("R", CultureInfo.InvariantCulture);
        if (expires is null)
        {
            response.Headers.CacheControl = metadata["cacheControl"]!.GetValue<string>();
        }
        else
        {
            response.Headers.Expires = expires;
        }

        if (request.Parameter("download") is { } saveAs)
        {
            var name = Uri.EscapeDataString(saveAs).Replace("!", "%21", StringComparison.Ordinal);
            response.Headers.ContentDisposition = name.Length == 0
                ? "attachment;"
                : $"attachment; filename={name}; filename*=UTF-8''{name}";
        }

        response.ContentType = type == "text/html" ? "text/plain" : type;
        if (HttpMethods.IsHead(request.Method))
        {
            response.ContentLength = size;
            return;
        }

        if (IsKnown(request, tag, row.UpdatedAt))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        if (request.Header("If-None-Match") is not null && expires is null)
        {
            response.Headers.CacheControl = $"{response.Headers.CacheControl}, stale-while-revalidate=30";
        }

        var path = blobs.GetPath(row.Version);
        if (!File.Exists(path))
        {
            throw StorageError.Internal();
        }

        var (from, length) = Range(request, size);
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Position = from;
        response.ContentLength = length;
        var buffer = new byte[64 * 1024];
        for (var left = length; left > 0;)
        {
            var count = await file.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), request.Aborted);
            await response.Body.WriteAsync(buffer.AsMemory(0, count), request.Aborted);
            left -= count;
        }
    }

    public async Task InfoAsync(ServiceRequest request, StorageCaller? caller, ObjectKey key)
    {
        var row = await objects.FindAsync(caller, key.Bucket, key.Name, request.Aborted) ?? throw StorageError.NoSuchKey();
        var metadata = JsonNode.Parse(row.Metadata)!;
        request.Response.Headers.ETag = metadata["eTag"]!.GetValue<string>();
        request.Response.Headers.LastModified = row.UpdatedAt.ToString("R", CultureInfo.InvariantCulture);
        request.Response.Headers.CacheControl = metadata["cacheControl"]!.GetValue<string>();
        var body = new JsonObject
        {
            ["id"] = row.Id.ToString(),
            ["name"] = row.Name,
            ["version"] = row.Version,
            ["bucket_id"] = row.Bucket,
            ["size"] = metadata["size"]!.DeepClone(),
            ["content_type"] = metadata["mimetype"]!.DeepClone(),
            ["cache_control"] = metadata["cacheControl"]!.DeepClone(),
            ["etag"] = metadata["eTag"]!.DeepClone(),
            ["metadata"] = JsonNode.Parse(row.UserMetadata),
            ["last_modified"] = StorageService.Time(row.UpdatedAt),
            ["created_at"] = StorageService.Time(row.CreatedAt),
        };
        await request.Response.JsonAsync(200, body, StorageService.JsonType);
    }

    // The ETag is compared as text. The time in the row has fractions of a second, which the header Last-Modified lacks. A client that
    // sends back the value of Last-Modified therefore always receives the object again.
    private static bool IsKnown(ServiceRequest request, string tag, DateTime updatedAt) => request.Header("If-None-Match") is { } tags
        ? tags == tag
        : DateTimeOffset.TryParse(request.Header("If-Modified-Since"), CultureInfo.InvariantCulture, out var since) && since >= updatedAt;

    // For an invalid range, older releases return 500 and newer releases return 416.
    private StorageError BadRange() => isNew ? StorageError.InvalidRange() : StorageError.Internal();

    private (long From, long Length) Range(ServiceRequest request, long size)
    {
        if (request.Header("Range") is not { } header)
        {
            return (0, size);
        }

        if (!RangeHeaderValue.TryParse(header, out var range) || range.Unit != "bytes"
            || (isNew && (range.Ranges.Count != 1 || header.Contains(' ', StringComparison.Ordinal))))
        {
            throw BadRange();
        }

        var requested = range.Ranges.First();
        if (!isNew && requested.From is null)
        {
            throw BadRange();
        }

        var from = requested.From ?? Math.Max(0, size - requested.To!.Value);
        var to = requested.From is null ? size - 1 : Math.Min(requested.To ?? size - 1, size - 1);
        if (from > to || (requested.From is null && requested.To == 0))
        {
            throw StorageError.InvalidRange();
        }

        request.Response.StatusCode = StatusCodes.Status206PartialContent;
        request.Response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {from}-{to}/{size}");
        return (from, to - from + 1);
    }
}
