using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.AspNetCore.Sessions.Internal;
using SessionRecovery.Credits;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>Makes an endpoint a paid endpoint by adding metadata and by wrapping the request delegate.</summary>
internal static class PaidEndpoint
{
    /// <summary>Returns the prices that method calls and attributes have set for an endpoint.</summary>
    public static IEnumerable<PaidEndpointMetadata> GetPrices(IEnumerable<object> metadata) => metadata
        .Select(static item => item as PaidEndpointMetadata ?? (item as IPaidAttribute)?.Price)
        .OfType<PaidEndpointMetadata>();

    public static InvalidOperationException CreateHubException(string? endpoint, PaidEndpointMetadata price) => new(
        $"{price.Call} is used on the hub '{endpoint}'. A hub opens a connection without an Idempotency-Key, and its methods run on that "
        + $"connection. Use {price.Call} on an endpoint that the client calls, or ICreditLedger in the method of the hub.");

    /// <exception cref="InvalidOperationException">
    /// The host has no ledger, or the endpoint is a hub or has another price.
    /// </exception>
    public static void Apply(EndpointBuilder endpoint, PaidEndpointMetadata price, PaidEndpointMetadata? other)
    {
        var services = endpoint.ApplicationServices;
        if (services.GetService<ICreditLedger>() is null)
        {
            throw new InvalidOperationException(price.GetLedgerRequiredMessage(endpoint.DisplayName));
        }

        if (endpoint.Metadata.OfType<HubMetadata>().Any())
        {
            throw CreateHubException(endpoint.DisplayName, price);
        }

        if (other is not null)
        {
            var uses = other.Call == price.Call ? $"{price.Call} is used twice" : $"{other.Call} and {price.Call} are both used";
            throw new InvalidOperationException(
                $"{uses} for '{endpoint.DisplayName}', for example on the endpoint and on its group or controller. Keep only one of them.");
        }

        endpoint.Metadata.Add(price);
        endpoint.Metadata.Add(SessionEndpoint.Instance);
        EndpointDescription.AddProblems(endpoint, price.Problems, keepsImplicitSuccess: true);
        if (!endpoint.Metadata.OfType<IAuthorizeData>().Any())
        {
            endpoint.Metadata.Add(SessionAuthorization.CreateRule(services));
        }

        var handler = endpoint.RequestDelegate
            ?? throw new InvalidOperationException($"'{endpoint.DisplayName}' has no request delegate to wrap.");
        endpoint.RequestDelegate = ActivatorUtilities.CreateInstance<PaidRequestHandler>(services, handler, price).InvokeAsync;
    }
}
