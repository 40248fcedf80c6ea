namespace SessionRecovery.Supabase.Files.Internal;

/// <summary>One object of a listing. A folder has no metadata.</summary>
internal sealed record ObjectRow(string? Name, DateTimeOffset? CreatedAt, ObjectMetadata? Metadata);
