namespace SessionRecovery.Supabase.Files.Internal;

internal sealed record ObjectMetadata(long? Size, string? Mimetype);
