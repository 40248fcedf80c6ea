using SessionRecovery.AspNetCore.Credits;

namespace Microsoft.AspNetCore.Http;

/// <summary>Extension methods that give a handler access to its paid request.</summary>
public static class PaidRequestHttpContextExtensions
{
    /// <summary>
    /// Gets the request to an endpoint with <c>RequireCredits</c> or <c>RequireIdempotency</c> whose handler is running.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <returns>The paid request.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="context"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException">The endpoint has neither of the two.</exception>
    public static PaidRequest GetPaidRequest(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<PaidRequest>()
            ?? throw new InvalidOperationException("The request is not paid. Call RequireCredits or RequireIdempotency on its endpoint.");
    }
}
