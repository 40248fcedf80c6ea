namespace SessionRecovery.Credits;

/// <summary>What a caller asks of one reading. The default takes a fresh cached value.</summary>
public readonly record struct CreditReadOptions
{
    // Inverted, so that default(CreditReadOptions) allows it.
    private readonly bool _forbidAccountCreation;

    /// <summary>Ask the store with a read that begins after this call, at most once a second per user.</summary>
    public bool Refresh { get; init; }

    /// <summary>The highest version this client was told.</summary>
    public CreditVersionToken VersionToken { get; init; }

    /// <summary>
    /// Gets a value that indicates whether the read may open an account for a user who has none. The default is <see langword="true"/>;
    /// health checks set it to <see langword="false"/>, so that they have no side effect.
    /// </summary>
    public bool AllowAccountCreation
    {
        get => !_forbidAccountCreation;
        init => _forbidAccountCreation = !value;
    }
}
