namespace SessionRecovery.Sessions.Internal;

/// <summary>A token verifier that the host, a provider or <c>AddSessionRecovery</c> registered.</summary>
/// <param name="Rank">The rank of the verifier's source. The highest rank is used.</param>
/// <param name="Call">The call that registered it, for messages.</param>
/// <param name="Create">Creates the verifier; <see langword="null"/> leaves the verification to the next rank.</param>
internal sealed record TokenVerifierRegistration(
    TokenVerifierRank Rank, string Call, Func<IServiceProvider, IAccessTokenVerifier?> Create);
