using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.SignalR;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Finds the attributes <c>RequireCredits</c> and <c>RequireIdempotency</c> on the methods of SignalR hubs, where they would have no
/// effect.
/// </summary>
internal static class HubPrices
{
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "MapHub keeps the public methods of the hub.")]
    public static PaidEndpointMetadata? Find(Endpoint endpoint) => endpoint.Metadata.GetMetadata<HubMetadata>()?.HubType.GetMethods()
        .SelectMany(static method => method.GetCustomAttributes())
        .OfType<IPaidAttribute>()
        .FirstOrDefault()?.Price;
}
