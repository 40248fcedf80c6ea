namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>The names of our own headers.</summary>
internal static class HeaderNames
{
    public const string SessionEpoch = "Session-Epoch";
    public const string SessionClient = "Session-Client";
    public const string CreditsVersion = "Credits-Version";
    public const string CreditsAvailable = "Credits-Available";
    public const string IdempotencyKey = "Idempotency-Key";
    public const string IdempotencyReplayed = "Idempotency-Replayed";

    /// <summary>The headers that a page on another origin must be able to read.</summary>
    public const string Exposed =
        $"{SessionEpoch}, {CreditsVersion}, {CreditsAvailable}, {IdempotencyReplayed}, Retry-After, ETag, Content-Range, Accept-Ranges";

    /// <summary>
    /// The request headers that a page on another origin must be able to send. The host's policy allows the header of the token.
    /// </summary>
    public const string Allowed = $"{CreditsVersion}, {IdempotencyKey}, {SessionClient}";
}
