namespace SessionRecovery.Credits;

/// <summary>Options of one balance read. The default accepts a cached value.</summary>
public readonly record struct CreditReadOptions
{
    // Inverted, so that default(CreditReadOptions) allows it.
    private readonly bool _forbidAccountCreation;

    /// <summary>
    /// Gets a value that indicates whether the read requires a store read that starts after the call. Such reads of one user start at most
    /// once per <see cref="CreditOptions.MinRefreshInterval"/>. The default is <see langword="false"/>.
    /// </summary>
    public bool Refresh { get; init; }

    /// <summary>
    /// Gets the highest version that this client has seen; an older balance is not returned to it. The default has no effect.
    /// </summary>
    public CreditVersionToken VersionToken { get; init; }

    /// <summary>
    /// Gets a value that indicates whether the read may create an account for a user who has none. The default is <see langword="true"/>.
    /// Health checks set it to <see langword="false"/>, so that they have no side effects.
    /// </summary>
    public bool AllowAccountCreation
    {
        get => !_forbidAccountCreation;
        init => _forbidAccountCreation = !value;
    }
}
