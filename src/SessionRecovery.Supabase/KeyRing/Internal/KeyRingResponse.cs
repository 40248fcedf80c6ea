namespace SessionRecovery.Supabase.KeyRing.Internal;

/// <summary>Represents the response of a key ring function. If a response has no outcome, it does not come from the function.</summary>
internal sealed class KeyRingResponse
{
    public string? Outcome { get; set; }

    public IReadOnlyList<KeyRingRow>? Elements { get; set; }
}
