namespace SessionRecovery.Supabase.KeyRing.Internal;

/// <summary>A response of a key ring function. A response without an outcome was not sent by the function.</summary>
internal sealed class KeyRingResponse
{
    public string? Outcome { get; set; }

    public IReadOnlyList<KeyRingRow>? Elements { get; set; }
}
