namespace SessionRecovery.Supabase.Files.Internal;

internal sealed record ListOrder(string Column, string Order);
