namespace SessionRecovery.Supabase.KeyRing.Internal;

/// <summary>The arguments of a function that has none.</summary>
internal sealed class ReadArguments;
