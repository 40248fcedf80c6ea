using SessionRecovery.AspNetCore.Credits;

namespace Microsoft.AspNetCore.Http;

/// <summary>Extension methods that give a handler access to its paid request.</summary>
public static class PaidRequestHttpContextExtensions
{
    /// <summary>
    /// Gets the running request to an endpoint with <c>RequireCredits</c> or <c>RequireIdempotency</c>.
    /// </summary>
    /// <param name="context">The HTTP context of the request.</param>
    /// <returns>The paid request.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="context"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException">
    /// The endpoint has neither <c>RequireCredits</c> nor <c>RequireIdempotency</c>.
    /// </exception>
    public static PaidRequest GetPaidRequest(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<PaidRequest>()
            ?? throw new InvalidOperationException("The request is not paid. Call RequireCredits or RequireIdempotency on its endpoint.");
    }
}
