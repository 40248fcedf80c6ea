using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using SessionRecovery.AspNetCore.Credits;
using SessionRecovery.AspNetCore.Credits.Internal;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.AspNetCore.Sessions.Internal;
using SessionRecovery.Credits;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Extension methods that set the price of an endpoint.</summary>
public static class PaidEndpointConventionBuilderExtensions
{
    /// <summary>
    /// Sets the price of an endpoint. The credits are reserved before the handler runs, and captured together with a 2xx or 3xx response.
    /// After any other response, the credits are released. The endpoint requires authorization, and each request requires the header
    /// <c>Idempotency-Key</c>. A repeated request with the same key receives the first response and is not charged again.
    /// </summary>
    /// <typeparam name="TBuilder">The type of the builder.</typeparam>
    /// <param name="builder">A minimal-API endpoint or a group of endpoints.</param>
    /// <param name="cost">The price in whole credits, 1 to 2⁵³ - 1.</param>
    /// <param name="configure">A callback that sets options of the endpoint, for example that its response is a stream.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="cost"/> is outside its valid range.</exception>
    /// <exception cref="InvalidOperationException">
    /// The host has no ledger, or the method was called twice for one endpoint. The exception is thrown at startup.
    /// </exception>
    /// <example>
    /// <code>
    /// app.MapPost("/api/waveforms", (WaveformRequest request, CancellationToken token) =&gt; DrawAsync(request, token))
    ///     .RequireCredits(5);
    /// </code>
    /// </example>
    public static TBuilder RequireCredits<TBuilder>(this TBuilder builder, long cost, Action<PaidEndpointOptions>? configure = null)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentOutOfRangeException.ThrowIfLessThan(cost, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(cost, CreditCommand.MaxAmount);
        var options = new PaidEndpointOptions();
        configure?.Invoke(options);
        builder.Add(endpoint => Apply(endpoint, new PaidEndpointMetadata(cost, options.Streaming)));
        return builder.WithoutOutputCache();
    }

    private static void Apply(EndpointBuilder endpoint, PaidEndpointMetadata price)
    {
        var services = endpoint.ApplicationServices;
        if (services.GetService<ICreditLedger>() is null)
        {
            throw new InvalidOperationException(PaidEndpointMetadata.GetLedgerRequiredMessage(endpoint.DisplayName));
        }

        if (endpoint.Metadata.OfType<PaidEndpointMetadata>().Any())
        {
            throw new InvalidOperationException(
                $"RequireCredits was called twice for '{endpoint.DisplayName}', for example on the endpoint and on its group. Remove one "
                + "of the calls.");
        }

        endpoint.Metadata.Add(price);
        endpoint.Metadata.Add(SessionEndpoint.Instance);
        EndpointDescription.AddProblems(endpoint, PaidProblems.All, keepsImplicitSuccess: true);
        if (!endpoint.Metadata.OfType<IAuthorizeData>().Any())
        {
            endpoint.Metadata.Add(SessionAuthorization.CreateRule(services));
        }

        var handler = endpoint.RequestDelegate
            ?? throw new InvalidOperationException($"'{endpoint.DisplayName}' has no request delegate to wrap.");
        endpoint.RequestDelegate = ActivatorUtilities.CreateInstance<PaidRequestHandler>(services, handler, price).InvokeAsync;
    }
}
