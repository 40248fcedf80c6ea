namespace SessionRecovery.Sessions.Internal;

/// <summary>Represents a token verifier that the host, a provider or <c>AddSessionRecovery</c> registered.</summary>
/// <param name="Rank">The rank of the registration. The verifier with the highest rank is used.</param>
/// <param name="Call">The call that registered the verifier, for error messages.</param>
/// <param name="Create">
/// Creates the verifier. If the result is <see langword="null"/>, the verifier with the next lower rank is used.
/// </param>
internal sealed record TokenVerifierRegistration(
    TokenVerifierRank Rank, string Call, Func<IServiceProvider, IAccessTokenVerifier?> Create);
