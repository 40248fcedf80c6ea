using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.AspNetCore.Routing;

namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>
/// Creates the paid endpoint of each endpoint that has an attribute. An attribute cannot wrap the request delegate of its endpoint, because
/// no convention runs for it. The class is thread-safe.
/// </summary>
internal sealed class AttributedEndpoints(IServiceProvider services)
{
    private readonly ConditionalWeakTable<Endpoint, Endpoint> _paid = [];

    public static bool HasAttribute(Endpoint endpoint) => endpoint.Metadata.GetMetadata<IPaidAttribute>() is not null;

    /// <summary>Returns the paid endpoint. The same object is returned for the same endpoint.</summary>
    /// <exception cref="InvalidOperationException">The host has no ledger, or the attribute is not allowed on the endpoint.</exception>
    public Endpoint GetPaid(Endpoint endpoint) => _paid.GetValue(endpoint, Create);

    /// <summary>Checks all attributes at startup, including attributes on handlers of Razor pages.</summary>
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
        }
    }

    private Endpoint Create(Endpoint endpoint)
    {
        var prices = PaidEndpoint.GetPrices(endpoint.Metadata).ToList();
        if (PagePrices.IsPage(endpoint))
        {
            throw CreatePageException(endpoint, prices[0]);
        }

        var route = (RouteEndpoint)endpoint;
        var builder = new RouteEndpointBuilder(route.RequestDelegate, route.RoutePattern, route.Order)
        {
            ApplicationServices = services,
            DisplayName = endpoint.DisplayName,
        };
        foreach (var item in endpoint.Metadata)
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
