using Microsoft.AspNetCore.Builder;
using SessionRecovery.AspNetCore.Credits.Internal;
using SessionRecovery.Credits;

namespace SessionRecovery.AspNetCore.Credits;

/// <summary>
/// Sets the price of an action, of all actions of a controller, or of a minimal-API handler. The rules are the same as for <see
/// cref="PaidEndpointConventionBuilderExtensions.RequireCredits{TBuilder}(TBuilder, long)"/>. The credits are reserved before the model is
/// bound and before any filter runs, and captured together with a 2xx or 3xx response. The attribute is immutable while requests run, and
/// can be read concurrently.
/// </summary>
/// <remarks>
/// The host does not start if an endpoint has two prices, for example an attribute on its controller and another one on its action, or an
/// attribute and a call of <c>RequireCredits</c>. The host also does not start if the attribute is on a Razor page, on a handler of a Razor
/// page, or on a component that is a page, because a browser opens a page without an <c>Idempotency-Key</c>. The host also does not start
/// if the attribute is on a SignalR hub or a method of a hub. Routing replaces the endpoint of the attribute by its paid endpoint. If the
/// endpoint was not replaced, for example because middleware has set it, the authorization of ASP.NET Core rejects the request with an
/// exception.
/// </remarks>
/// <example>
/// <code>
/// [HttpPost("/api/waveforms")]
/// [RequireCredits(5)]
/// public Task&lt;Waveform&gt; Draw(WaveformRequest request, CancellationToken token) =&gt; DrawAsync(request, token);
/// </code>
/// </example>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class RequireCreditsAttribute : Attribute, IPaidAttribute
{
    /// <summary>Sets a fixed price.</summary>
    /// <param name="cost">The price in whole credits, 1 to 2⁵³ - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="cost"/> is outside its valid range. The exception is thrown at startup.
    /// </exception>
    public RequireCreditsAttribute(long cost)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cost, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(cost, CreditCommand.MaxAmount);
        Cost = cost;
    }

    /// <summary>Gets the price in whole credits.</summary>
    public long Cost { get; }

    /// <summary>
    /// Gets or sets a value that indicates whether the response is a stream. The default is <see langword="false"/>. With the default, a
    /// response becomes a stream only in the cases that <see cref="PaidEndpointOptions.Streaming"/> describes.
    /// </summary>
    public bool Streaming { get; set; }

    PaidEndpointMetadata IPaidAttribute.Price => new(Cost, Streaming) { IsAttribute = true };
}
