namespace SupabaseStandIn.Tokens;

/// <summary>The life of a signing key. All but revoked ones verify and are published.</summary>
public enum KeyState
{
    Standby,
    Current,
    Previous,
    Revoked,
}
