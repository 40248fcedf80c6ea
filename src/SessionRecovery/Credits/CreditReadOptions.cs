namespace SessionRecovery.Credits;

/// <summary>Options of one balance read. The default value accepts a cached balance.</summary>
public readonly record struct CreditReadOptions
{
    // The field has the inverted meaning, so that default(CreditReadOptions) allows the creation of an account.
    private readonly bool _forbidAccountCreation;

    /// <summary>
    /// Gets a value that indicates whether the balance must come from a store read that starts after the call. For one user, such store
    /// reads start at most once per <see cref="CreditOptions.MinRefreshInterval"/>. The default is <see langword="false"/>.
    /// </summary>
    public bool Refresh { get; init; }

    /// <summary>
    /// Gets the version token of the client, which contains the highest version that the client has seen. The read does not return an older
    /// balance. With the default value, a balance of any version is returned.
    /// </summary>
    public CreditVersionToken VersionToken { get; init; }

    /// <summary>
    /// Gets a value that indicates whether the read may create an account for a user without an account. The default is <see
    /// langword="true"/>. Health checks set this property to <see langword="false"/>, so that they have no side effects.
    /// </summary>
    public bool AllowAccountCreation
    {
        get => !_forbidAccountCreation;
        init => _forbidAccountCreation = !value;
    }
}
