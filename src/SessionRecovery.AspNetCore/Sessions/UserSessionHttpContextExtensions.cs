using Microsoft.Extensions.DependencyInjection;
using SessionRecovery.AspNetCore.Sessions.Internal;
using SessionRecovery.Sessions;

namespace Microsoft.AspNetCore.Http;

/// <summary>Reads the session of a request.</summary>
public static class UserSessionHttpContextExtensions
{
    /// <summary>Returns the session of the request's verified principal, with its access token where the scheme has one.</summary>
    /// <param name="context">The request.</param>
    /// <returns>The session.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="context"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException">No user is signed in: the endpoint lacks <c>RequireAuthorization()</c>.</exception>
    public static async ValueTask<UserSession> GetUserSessionAsync(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return await context.RequestServices.GetRequiredService<SessionReader>().FindAsync(context).ConfigureAwait(false)
            ?? throw new InvalidOperationException(
                "No user is signed in. An endpoint that reads the session requires RequireAuthorization().");
    }
}
