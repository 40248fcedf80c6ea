using System.Text.Json.Nodes;
using SupabaseStandIn.Gateway;

namespace SupabaseStandIn.Storage;

/// <summary>
/// Handles <c>POST /object/list/{bucket}</c>. The prefix is a folder, and the search term is the beginning of an object name in this
/// folder. Folders have no id.
/// </summary>
internal sealed class Listing(ObjectTable objects)
{
    private const int DefaultLimit = 100;

    public async Task HandleAsync(ServiceRequest request, StorageCaller caller, string bucket)
    {
        var body = await StorageService.ReadJsonAsync(request);
        var prefix = JsonSchema.Text(body, "prefix") ?? throw StorageError.Request("body must have required property 'prefix'");
        var limit = JsonSchema.Integer(body, "limit", minimum: 1) ?? DefaultLimit;
        var offset = JsonSchema.Integer(body, "offset", minimum: 0) ?? 0;
        var sortBy = JsonSchema.Object(body, "sortBy", required: "column") ?? [];
        var column = JsonSchema.OneOf(sortBy, "column", "body/sortBy", "name", "updated_at", "created_at", "last_accessed_at");
        var isDescending = JsonSchema.OneOf(sortBy, "order", "body/sortBy", "asc", "desc") == "desc";
        var search = JsonSchema.Text(body, "search") ?? string.Empty;
        var folder = prefix.Trim('/');
        folder = folder.Length == 0 ? string.Empty : folder + "/";
        var rows = await objects.ListAsync(caller, bucket, folder, request.Aborted);
        var entries = rows
            .Select(row => (Row: row, Tail: row.Name[folder.Length..]))
            .Where(entry => entry.Tail.StartsWith(search, StringComparison.OrdinalIgnoreCase))
            .GroupBy(static entry => entry.Tail.Split('/')[0], StringComparer.Ordinal)
            .Select(static group => (Name: group.Key, Row: group.Select(static entry => entry.Tail.Contains('/', StringComparison.Ordinal)
                ? null
                : entry.Row).FirstOrDefault(static row => row is not null)));
        var page = Sorted(entries, column, isDescending)
            .Skip(offset)
            .Take(limit)
            .Select(static entry => (JsonNode)Entry(entry.Name, entry.Row));
        await request.Response.JsonAsync(200, new JsonArray([.. page]), StorageService.JsonType);
    }

    private static IEnumerable<(string Name, ObjectRow? Row)> Sorted(
        IEnumerable<(string Name, ObjectRow? Row)> entries, string? column, bool isDescending) =>
        column switch
        {
            // Folders have no time. They are sorted like NULL in PostgreSQL: first in descending order.
            "created_at" or "updated_at" or "last_accessed_at" => isDescending
                ? entries.OrderByDescending(static entry => entry.Row is null).ThenByDescending(static entry => entry.Row?.CreatedAt)
                : entries.OrderBy(static entry => entry.Row is null).ThenBy(static entry => entry.Row?.CreatedAt),
            _ => isDescending
                ? entries.OrderByDescending(static entry => entry.Name, StringComparer.OrdinalIgnoreCase)
                : entries.OrderBy(static entry => entry.Name, StringComparer.OrdinalIgnoreCase),
        };

    /// <summary>Returns all columns of a row, for the response to a request that deletes several objects.</summary>
    public static JsonObject ToFullEntry(ObjectRow row)
    {
        var entry = Entry(row.Name, row);
        entry["bucket_id"] = row.Bucket;
        entry["owner"] = row.Owner;
        entry["owner_id"] = row.Owner;
        entry["version"] = row.Version;
        entry["user_metadata"] = JsonNode.Parse(row.UserMetadata);
        return entry;
    }

    public static JsonObject Entry(string name, ObjectRow? row) => new()
    {
        ["name"] = name,
        ["id"] = row?.Id.ToString(),
        ["updated_at"] = row is null ? null : StorageService.Time(row.UpdatedAt),
        ["created_at"] = row is null ? null : StorageService.Time(row.CreatedAt),
        ["last_accessed_at"] = row is null ? null : StorageService.Time(row.CreatedAt),
        ["metadata"] = row is null ? null : JsonNode.Parse(row.Metadata),
    };
}
