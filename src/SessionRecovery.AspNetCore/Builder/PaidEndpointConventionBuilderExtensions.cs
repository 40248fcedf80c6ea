using Microsoft.AspNetCore.Http;
using SessionRecovery.AspNetCore.Credits;
using SessionRecovery.AspNetCore.Credits.Internal;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.Credits;

namespace Microsoft.AspNetCore.Builder;

/// <summary>
/// Extension methods that set the price of an endpoint, or make an endpoint without a price take effect once per idempotency key.
/// </summary>
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
    public static TBuilder RequireCredits<TBuilder>(this TBuilder builder, long cost)
        where TBuilder : IEndpointConventionBuilder =>
        builder.RequireCredits(cost, configure: null);

    /// <summary>Sets the price and other options of an endpoint.</summary>
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
    public static TBuilder RequireCredits<TBuilder>(this TBuilder builder, long cost, Action<PaidEndpointOptions>? configure)
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
    /// Sets a price that depends on the request, for example on its size or its model. The highest price of the request is reserved before
    /// the handler runs. The handler calls <see cref="PaidRequest.SettleAsync"/> to set the actual price of the request. If the handler
    /// does not call <c>SettleAsync</c>, the whole reservation is charged. All other rules are the same as for <see
    /// cref="RequireCredits{TBuilder}(TBuilder, long)"/>.
    /// </summary>
    /// <typeparam name="TBuilder">The type of the builder.</typeparam>
    /// <param name="builder">A minimal-API endpoint or a group of endpoints.</param>
    /// <param name="max">
    /// The function that computes the highest price of a request in whole credits, 1 to 2⁵³ - 1. The function is called once per request,
    /// after the user was authenticated and the key was read, and can be called concurrently. It can use headers, the query, route values,
    /// a form and the length of the body, but must not read a body that is not a form. The body was already received, so
    /// <c>Request.Body.Length</c> is the length of the body even if the request has no <c>Content-Length</c> header. To reject a request,
    /// the function throws a <see cref="BadHttpRequestException"/>, whose status (400 to 499) and message the client receives. If the
    /// function throws another exception or returns an amount outside the valid range, the request fails like a request whose handler
    /// throws. In all these cases, nothing is reserved.
    /// </param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="builder"/> or <paramref name="max"/> is <see langword="null"/>.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The host has no ledger, or the endpoint already has a price or <see cref="RequireIdempotency"/>. The exception is thrown at startup.
    /// </exception>
    /// <example>
    /// <code>
    /// app.MapPost("/api/transcripts", async (HttpContext context, Transcriber transcriber) =&gt;
    /// {
    ///     var paid = context.GetPaidRequest();
    ///     var transcript = await transcriber.RunAsync(context.Request.Body, context.RequestAborted);
    ///     await paid.SettleAsync(Math.Min(transcript.Minutes, paid.Amount));
    ///     return transcript;
    /// }).RequireCredits(max: context =&gt; (context.Request.Body.Length / BytesPerMinute) + 1);
    /// </code>
    /// </example>
    public static TBuilder RequireCredits<TBuilder>(this TBuilder builder, Func<HttpContext, long> max)
        where TBuilder : IEndpointConventionBuilder =>
        builder.RequireCredits(max, configure: null);

    /// <summary>Sets a price that depends on the request, and sets other options of the endpoint.</summary>
    /// <typeparam name="TBuilder">The type of the builder.</typeparam>
    /// <param name="builder">A minimal-API endpoint or a group of endpoints.</param>
    /// <param name="max">
    /// The function that computes the highest price of a request in whole credits
    /// (<see cref="RequireCredits{TBuilder}(TBuilder, Func{HttpContext, long})"/>).
    /// </param>
    /// <param name="configure">A callback that sets options of the endpoint, for example that its response is a stream.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="builder"/> or <paramref name="max"/> is <see langword="null"/>.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The host has no ledger, or the endpoint already has a price or <see cref="RequireIdempotency"/>. The exception is thrown at startup.
    /// </exception>
    public static TBuilder RequireCredits<TBuilder>(
        this TBuilder builder, Func<HttpContext, long> max, Action<PaidEndpointOptions>? configure)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(max);
        var options = new PaidEndpointOptions();
        configure?.Invoke(options);
        builder.Add(endpoint => Apply(endpoint, new PaidEndpointMetadata(Cost: 0, options.Streaming) { Max = max }));
        return builder.WithoutOutputCache();
    }

    /// <summary>
    /// Makes the endpoint take effect once per idempotency key, without a price. The endpoint requires authorization, and each request
    /// requires the header <c>Idempotency-Key</c>. A repeated request with the same key receives the first response if the status of the
    /// first response was 2xx or 3xx. After any other response, a repeated request runs the handler again. The user needs neither credits
    /// nor an account. Every unsafe request needs a key: when a reused connection breaks, a browser resends a POST request without
    /// notifying the page.
    /// </summary>
    /// <typeparam name="TBuilder">The type of the builder.</typeparam>
    /// <param name="builder">A minimal-API endpoint or a group of endpoints.</param>
    /// <param name="configure">A callback that sets options of the endpoint, for example that its response is a stream.</param>
    /// <returns>The builder.</returns>
    /// <remarks>
    /// Do not call this method for an endpoint with <c>RequireCredits</c>, which also makes the endpoint take effect once per key.
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

    private static void Apply(EndpointBuilder endpoint, PaidEndpointMetadata price) =>
        PaidEndpoint.Apply(endpoint, price, PaidEndpoint.GetPrices(endpoint.Metadata).FirstOrDefault());
}
