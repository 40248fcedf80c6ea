namespace SessionRecovery.Credits;

/// <summary>What a caller asks of one reading. The default takes a fresh cached value.</summary>
public readonly record struct CreditReadOptions
{
    /// <summary>Ask the store with a read that begins after this call, at most once a second per user.</summary>
    public bool Refresh { get; init; }

    /// <summary>The highest version this client was told.</summary>
    public CreditFloor Floor { get; init; }

    /// <summary>Never write: don't open an account for a user who has none. For questions about health.</summary>
    public bool WithoutEffect { get; init; }
}
