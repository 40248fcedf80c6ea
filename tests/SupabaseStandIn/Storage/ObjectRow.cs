namespace SupabaseStandIn.Storage;

/// <summary>Contains the columns of <c>storage.objects</c> that appear in responses.</summary>
internal sealed record ObjectRow(Guid Id, string Bucket, string Name, string Version, DateTime CreatedAt, DateTime UpdatedAt,
    string Metadata, string UserMetadata, string? Owner);
