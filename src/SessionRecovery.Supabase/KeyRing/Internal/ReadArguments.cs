namespace SessionRecovery.Supabase.KeyRing.Internal;

/// <summary>The empty arguments of <c>read_key_ring</c>.</summary>
internal sealed class ReadArguments;
