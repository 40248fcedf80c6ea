namespace SessionRecovery.Supabase.Files.Internal;

/// <summary>What Storage says of a bucket.</summary>
internal sealed record BucketRow(bool Public);
