namespace SessionRecovery.Supabase.Files.Internal;

/// <summary>Represents a bucket as Supabase Storage returns it.</summary>
internal sealed record BucketRow(bool Public);
