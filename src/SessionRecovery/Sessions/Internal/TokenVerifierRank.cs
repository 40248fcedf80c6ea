namespace SessionRecovery.Sessions.Internal;

/// <summary>
/// Ranks the places where a token verifier can be registered. If several verifiers are registered, the verifier with the highest rank is
/// used, regardless of the order of the calls.
/// </summary>
internal enum TokenVerifierRank
{
    Default,
    Provider,
    Host,
}
