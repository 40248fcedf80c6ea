namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>Defines the names of the HTTP headers of SessionRecovery.</summary>
internal static class HeaderNames
{
    public const string SessionEpoch = "Session-Epoch";
    public const string SessionClient = "Session-Client";
    public const string CreditsVersion = "Credits-Version";
    public const string CreditsAvailable = "Credits-Available";
    public const string IdempotencyKey = "Idempotency-Key";
    public const string IdempotencyReplayed = "Idempotency-Replayed";

    /// <summary>The response headers that a page on another origin must be able to read.</summary>
    public const string Exposed =
        $"{SessionEpoch}, {CreditsVersion}, {CreditsAvailable}, {IdempotencyReplayed}, Retry-After, ETag, Content-Range, Accept-Ranges";

    /// <summary>
    /// The request headers that a page on another origin must be able to send. The Authorization header is not included, because the host's
    /// CORS policy must allow it.
    /// </summary>
    public const string Allowed = $"{CreditsVersion}, {IdempotencyKey}, {SessionClient}";
}
