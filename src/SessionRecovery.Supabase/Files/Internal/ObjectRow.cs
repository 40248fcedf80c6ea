namespace SessionRecovery.Supabase.Files.Internal;

/// <summary>Represents one object in a list response of Supabase Storage. A folder has no metadata.</summary>
internal sealed record ObjectRow(string? Name, DateTimeOffset? CreatedAt, ObjectMetadata? Metadata);
