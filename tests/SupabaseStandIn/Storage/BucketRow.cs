namespace SupabaseStandIn.Storage;

internal sealed record BucketRow(
    string Id, bool Public, long? SizeLimit, IReadOnlyList<string>? MimeTypes, DateTime CreatedAt, DateTime UpdatedAt);
