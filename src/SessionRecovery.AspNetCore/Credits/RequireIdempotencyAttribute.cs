using Microsoft.AspNetCore.Builder;
using SessionRecovery.AspNetCore.Credits.Internal;

namespace SessionRecovery.AspNetCore.Credits;

/// <summary>
/// Makes an action, all actions of a controller, or a minimal-API handler take effect once per idempotency key, without a price. The rules
/// are the same as for <see cref="PaidEndpointConventionBuilderExtensions.RequireIdempotency"/>. The attribute is immutable while requests
/// run, and can be read concurrently.
/// </summary>
/// <remarks>
/// The host does not start in the cases that <see cref="RequireCreditsAttribute"/> describes. An endpoint with <see
/// cref="RequireCreditsAttribute"/> does not need this attribute, because a price also makes an endpoint take effect once per key.
/// </remarks>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class RequireIdempotencyAttribute : Attribute, IPaidAttribute
{
    /// <summary>
    /// Gets or sets a value that indicates whether the response is a stream. The default is <see langword="false"/>. With the default, a
    /// response becomes a stream only in the cases that <see cref="PaidEndpointOptions.Streaming"/> describes.
    /// </summary>
    public bool Streaming { get; set; }

    PaidEndpointMetadata IPaidAttribute.Price => new(Cost: 0, Streaming) { IsAttribute = true };
}
