using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using SessionRecovery.AspNetCore.Credits.Internal;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.Credits;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Puts a price on an endpoint.</summary>
public static class PaidEndpointConventionBuilderExtensions
{
    /// <summary>
    /// The endpoint costs credits: they are held before the handler, paid together with its 2xx or 3xx answer, given back otherwise.
    /// Implies authorization. A request needs the header <c>Idempotency-Key</c>; repeating it with the same key gets the first answer.
    /// </summary>
    /// <param name="builder">A minimal-API endpoint.</param>
    /// <param name="cost">Whole credits, 1 to 2⁵³ - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="cost"/> is outside its limits.</exception>
    /// <exception cref="InvalidOperationException">At start: there is no ledger.</exception>
    public static TBuilder RequireCredits<TBuilder>(this TBuilder builder, long cost)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentOutOfRangeException.ThrowIfLessThan(cost, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(cost, CreditCommand.MaxAmount);
        builder.Add(endpoint =>
        {
            if (endpoint.ApplicationServices.GetService<ICreditLedger>() is null)
            {
                throw new InvalidOperationException(PaidEndpointMetadata.NeedsLedger(endpoint.DisplayName));
            }

            if (endpoint.Metadata.OfType<PaidEndpointMetadata>().Any())
            {
                throw new InvalidOperationException($"RequireCredits was called twice for '{endpoint.DisplayName}', on the endpoint and on its group perhaps: the second would wait for the first one's hold.");
            }

            endpoint.Metadata.Add(new PaidEndpointMetadata(cost));
            endpoint.Metadata.Add(SessionEndpoint.Instance);
            if (!endpoint.Metadata.OfType<IAuthorizeData>().Any())
            {
                endpoint.Metadata.Add(SessionAuthorization.Rule(endpoint.ApplicationServices));
            }

            var handler = endpoint.RequestDelegate ?? throw new InvalidOperationException($"'{endpoint.DisplayName}' has no request delegate to wrap.");
            endpoint.RequestDelegate = new PaidRequest(handler, cost).InvokeAsync;
        });
        return builder;
    }
}
