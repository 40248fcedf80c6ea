namespace SupabaseStandIn.Tokens;

/// <summary>Specifies the algorithm that signs user tokens.</summary>
public enum SigningAlgorithm
{
    /// <summary>
    /// User tokens are signed with key pairs that can be rotated and are published as JWKS. The legacy secret still verifies tokens.
    /// </summary>
    ES256,

    /// <summary>User tokens are signed with one shared secret, and no key is published, as in a legacy project.</summary>
    HS256,

    /// <summary>User tokens are signed as with <see cref="ES256"/>, but with RSA keys.</summary>
    RS256,
}
