using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using SessionRecovery.AspNetCore.Credits;
using SessionRecovery.AspNetCore.Credits.Internal;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.AspNetCore.Sessions.Internal;
using SessionRecovery.Credits;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Extension methods that set the price of an endpoint, or make an endpoint without a price take effect once per key.</summary>
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
    /// The host has no ledger, or the endpoint already has a price or <see cref="RequireIdempotency"/>. The exception is thrown at startup.
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

    /// <summary>
    /// Makes the endpoint take effect once per idempotency key, without a price. The endpoint requires authorization, and each request
    /// requires the header <c>Idempotency-Key</c>. A repeated request with the same key receives the first response if the status of the
    /// first response was 2xx or 3xx. After any other response, a repeated request runs the handler again. The user needs neither credits
    /// nor an account. Every unsafe request needs a key, because a browser resends a POST request by itself when a kept-alive connection
    /// breaks.
    /// </summary>
    /// <typeparam name="TBuilder">The type of the builder.</typeparam>
    /// <param name="builder">A minimal-API endpoint or a group of endpoints.</param>
    /// <param name="configure">A callback that sets options of the endpoint, for example that its response is a stream.</param>
    /// <returns>The builder.</returns>
    /// <remarks>
    /// An endpoint needs only one of the two methods, because <see cref="RequireCredits"/> also makes an endpoint take effect once per key.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException">
    /// The host has no ledger, or the endpoint already has a price or <see cref="RequireIdempotency"/>. The exception is thrown at startup.
    /// </exception>
    /// <example>
    /// <code>
    /// app.MapPost("/api/orders", (OrderRequest request) =&gt; PlaceAsync(request)).RequireIdempotency();
    /// </code>
    /// </example>
    public static TBuilder RequireIdempotency<TBuilder>(this TBuilder builder, Action<PaidEndpointOptions>? configure = null)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new PaidEndpointOptions();
        configure?.Invoke(options);
        builder.Add(endpoint => Apply(endpoint, new PaidEndpointMetadata(Cost: 0, options.Streaming)));
        return builder.WithoutOutputCache();
    }

    private static void Apply(EndpointBuilder endpoint, PaidEndpointMetadata price)
    {
        var services = endpoint.ApplicationServices;
        if (services.GetService<ICreditLedger>() is null)
        {
            throw new InvalidOperationException(price.GetLedgerRequiredMessage(endpoint.DisplayName));
        }

        if (endpoint.Metadata.OfType<PaidEndpointMetadata>().FirstOrDefault() is { } other)
        {
            var calls = other.Call == price.Call
                ? $"{price.Call} was called twice"
                : $"{other.Call} and {price.Call} were both called";
            throw new InvalidOperationException(
                $"{calls} for '{endpoint.DisplayName}', for example on the endpoint and on its group. Remove one of the calls.");
        }

        endpoint.Metadata.Add(price);
        endpoint.Metadata.Add(SessionEndpoint.Instance);
        var problems = price.Cost > 0 ? PaidProblems.All : PaidProblems.WithoutPrice;
        EndpointDescription.AddProblems(endpoint, problems, keepsImplicitSuccess: true);
        if (!endpoint.Metadata.OfType<IAuthorizeData>().Any())
        {
            endpoint.Metadata.Add(SessionAuthorization.CreateRule(services));
        }

        var handler = endpoint.RequestDelegate
            ?? throw new InvalidOperationException($"'{endpoint.DisplayName}' has no request delegate to wrap.");
        endpoint.RequestDelegate = ActivatorUtilities.CreateInstance<PaidRequestHandler>(services, handler, price).InvokeAsync;
    }
}
