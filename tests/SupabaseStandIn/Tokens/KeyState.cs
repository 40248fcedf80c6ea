namespace SupabaseStandIn.Tokens;

/// <summary>The state of a signing key. All keys except revoked ones verify tokens and are published.</summary>
public enum KeyState
{
    Standby,
    Current,
    Previous,
    Revoked,
}
