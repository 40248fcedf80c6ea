namespace SupabaseStandIn.Gateway;

internal interface IService
{
    Task HandleAsync(ServiceRequest request);
}
