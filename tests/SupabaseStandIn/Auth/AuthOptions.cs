namespace SupabaseStandIn.Auth;

/// <summary>How sessions are kept. May be changed while the stand-in runs.</summary>
public sealed class AuthOptions
{
    /// <summary>Seconds until an access token expires.</summary>
    public int TokenLifetime { get; set; } = 3600;

    /// <summary>1: rows with a parent; 2: a counter under the session's own key.</summary>
    public int RefreshAlgorithm { get; set; } = 1;

    /// <summary>Seconds in which a used refresh token is forgiven: 0 in the server itself, 10 on the hosted platform.</summary>
    public int ReuseInterval { get; set; } = 10;

    /// <summary>Requests to <c>/token</c> that may come at once, then one every two seconds; <see langword="null"/> for no limit.</summary>
    public int? TokenBurst { get; set; }
}
