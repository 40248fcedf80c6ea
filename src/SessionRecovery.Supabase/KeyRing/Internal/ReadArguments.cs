namespace SessionRecovery.Supabase.KeyRing.Internal;

/// <summary>Represents the arguments of <c>read_key_ring</c>, which has no parameters.</summary>
internal sealed class ReadArguments;
