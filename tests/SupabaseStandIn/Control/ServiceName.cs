namespace SupabaseStandIn.Control;

public enum ServiceName
{
    All,
    Auth,
    Rest,
    Storage,
}
