namespace SupabaseStandIn.Tokens;

/// <summary>What user tokens are signed with.</summary>
public enum SigningAlgorithm
{
    /// <summary>Key pairs that rotate, published by JWKS; the legacy secret still verifies.</summary>
    ES256,

    /// <summary>The legacy project: one shared secret, no key published.</summary>
    HS256,

    /// <summary>As <see cref="ES256"/>, with the larger keys that a project may choose instead.</summary>
    RS256,
}
