namespace SessionRecovery.Sessions.Internal;

/// <summary>Whose token verifier it is. A later value wins over an earlier one, whatever the order of the calls.</summary>
internal enum TokenVerifierRank
{
    Default,
    Provider,
    Host,
}
