namespace SessionRecovery.Sessions.Internal;

/// <summary>
/// Ranks the sources that can register a token verifier. If several register one, the highest rank is used, regardless of the order of the
/// calls.
/// </summary>
internal enum TokenVerifierRank
{
    Default,
    Provider,
    Host,
}
