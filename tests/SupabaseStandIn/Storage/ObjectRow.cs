namespace SupabaseStandIn.Storage;

/// <summary>A row of <c>storage.objects</c>, as far as it is told.</summary>
internal sealed record ObjectRow(Guid Id, string Bucket, string Name, string Version, DateTime CreatedAt, DateTime UpdatedAt,
    string Metadata, string UserMetadata, string? Owner);
