namespace SessionRecovery.Supabase.Files.Internal;

/// <summary>A bucket as Storage returns it.</summary>
internal sealed record BucketRow(bool Public);
