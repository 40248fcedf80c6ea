namespace SupabaseStandIn.Tokens;

/// <summary>Specifies the state of a signing key. All keys except revoked keys verify tokens and are published.</summary>
public enum KeyState
{
    Standby,
    Current,
    Previous,
    Revoked,
}
