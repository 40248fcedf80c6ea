namespace SupabaseStandIn.Tokens;

/// <summary>The algorithm that signs user tokens.</summary>
public enum SigningAlgorithm
{
    /// <summary>Rotating key pairs, published by JWKS. The legacy secret still verifies tokens.</summary>
    ES256,

    /// <summary>One shared secret and no published key, like in a legacy project.</summary>
    HS256,

    /// <summary>Like <see cref="ES256"/>, but with RSA keys.</summary>
    RS256,
}
