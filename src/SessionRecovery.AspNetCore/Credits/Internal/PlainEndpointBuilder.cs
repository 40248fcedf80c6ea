using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Builds an endpoint without a route pattern. If a dynamic route or a fallback route selects an action, the endpoint of the action has no
/// route pattern.
/// </summary>
internal sealed class PlainEndpointBuilder : EndpointBuilder
{
    public override Endpoint Build() => new(RequestDelegate, new EndpointMetadataCollection(Metadata), DisplayName);
}
