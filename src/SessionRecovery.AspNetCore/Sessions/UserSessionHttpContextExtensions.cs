using Microsoft.Extensions.DependencyInjection;
using SessionRecovery.AspNetCore.Sessions.Internal;
using SessionRecovery.Sessions;

namespace Microsoft.AspNetCore.Http;

/// <summary>Extension methods that read the session of a request.</summary>
public static class UserSessionHttpContextExtensions
{
    /// <summary>
    /// Returns the session of the signed-in user. The session contains the access token if the authentication scheme has one.
    /// </summary>
    /// <param name="context">The HTTP context of the request.</param>
    /// <returns>The session.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="context"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException">No user is signed in, because the endpoint does not require authorization.</exception>
    public static async ValueTask<UserSession> GetUserSessionAsync(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return await context.RequestServices.GetRequiredService<SessionReader>().FindAsync(context).ConfigureAwait(false)
            ?? throw new InvalidOperationException(
                "No user is signed in. An endpoint that reads the session requires RequireAuthorization().");
    }
}
