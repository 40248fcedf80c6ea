namespace SessionRecovery.Supabase.KeyRing.Internal;

/// <summary>A response of the functions of the key ring. One without an outcome did not come from them.</summary>
internal sealed class KeyRingResponse
{
    public string? Outcome { get; set; }

    public IReadOnlyList<KeyRingRow>? Elements { get; set; }
}
