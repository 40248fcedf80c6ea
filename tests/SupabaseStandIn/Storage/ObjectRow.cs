namespace SupabaseStandIn.Storage;

/// <summary>The columns of <c>storage.objects</c> that responses contain.</summary>
internal sealed record ObjectRow(Guid Id, string Bucket, string Name, string Version, DateTime CreatedAt, DateTime UpdatedAt,
    string Metadata, string UserMetadata, string? Owner);
