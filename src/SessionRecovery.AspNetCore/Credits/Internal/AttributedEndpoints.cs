using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.AspNetCore.Routing;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Creates a paid endpoint for each endpoint that has the attribute <c>RequireCredits</c> or <c>RequireIdempotency</c>. An attribute cannot
/// wrap the request delegate of its endpoint itself, because ASP.NET Core runs no convention for an attribute. The class is thread-safe.
/// </summary>
internal sealed class AttributedEndpoints(IServiceProvider services)
{
    private readonly ConditionalWeakTable<Endpoint, Endpoint> _paid = [];

    public static bool HasAttribute(Endpoint endpoint) => endpoint.Metadata.GetMetadata<IPaidAttribute>() is not null;

    /// <summary>Returns the paid endpoint for an endpoint with an attribute. Calls with the same endpoint return the same object.</summary>
    /// <exception cref="InvalidOperationException">The host has no ledger, or the attribute is not allowed on the endpoint.</exception>
    public Endpoint GetPaid(Endpoint endpoint) => _paid.GetValue(endpoint, Create);

    /// <summary>Checks all attributes at startup, including attributes on handlers of Razor pages and on methods of hubs.</summary>
    /// <exception cref="InvalidOperationException">The host has no ledger, or an attribute is not allowed on its endpoint.</exception>
    public void Check(IEnumerable<Endpoint> endpoints)
    {
        foreach (var endpoint in endpoints)
        {
            if (HasAttribute(endpoint))
            {
                GetPaid(endpoint);
            }
            else if (endpoint.Metadata.GetMetadata<ActionDescriptor>() is { } action && PagePrices.FindOnHandlers(action) is { } price)
            {
                throw CreatePageException(endpoint, price);
            }
            else if (IsHub(endpoint) && HubPrices.Find(endpoint) is { } onHub)
            {
                throw PaidEndpoint.CreateHubException(endpoint.DisplayName, onHub);
            }
        }
    }

    // The type is compared by its name, so that a host without hubs does not load the assembly of SignalR.
    private static bool IsHub(Endpoint endpoint) =>
        endpoint.Metadata.Any(static item => item.GetType().FullName == "Microsoft.AspNetCore.SignalR.HubMetadata");

    private Endpoint Create(Endpoint endpoint)
    {
        var prices = PaidEndpoint.GetPrices(endpoint.Metadata).ToList();
        if (PagePrices.IsPage(endpoint))
        {
            throw CreatePageException(endpoint, prices[0]);
        }

        EndpointBuilder builder = endpoint is RouteEndpoint route
            ? new RouteEndpointBuilder(route.RequestDelegate, route.RoutePattern, route.Order) { ApplicationServices = services }
            : new PlainEndpointBuilder { RequestDelegate = endpoint.RequestDelegate, ApplicationServices = services };
        builder.DisplayName = endpoint.DisplayName;

        // The paid endpoint must not have the attribute, because the attribute names an authorization policy that rejects every request.
        foreach (var item in endpoint.Metadata.Where(static item => item is not IPaidAttribute))
        {
            builder.Metadata.Add(item);
        }

        PaidEndpoint.Apply(builder, prices[0], prices.Skip(1).FirstOrDefault());
        builder.Metadata.Add(new OutputCacheAttribute { NoStore = true });
        return builder.Build();
    }

    private static InvalidOperationException CreatePageException(Endpoint endpoint, PaidEndpointMetadata price) => new(
        $"{price.Call} is used on the page '{endpoint.DisplayName}'. A browser opens a page without an Idempotency-Key. Use "
        + $"{price.Call} on an action or on a minimal-API endpoint that the page calls.");
}
