using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using SessionRecovery.AspNetCore.Sessions.Internal;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Sessions;

/// <summary>The session of a request.</summary>
public static class UserSessionHttpContextExtensions
{
    /// <summary>The session of the request's verified principal, with its token where the scheme has one.</summary>
    /// <exception cref="InvalidOperationException">Nobody is signed in: the endpoint lacks <c>RequireAuthorization()</c>.</exception>
    public static async ValueTask<UserSession> GetUserSessionAsync(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return await context.RequestServices.GetRequiredService<SessionReader>().FindAsync(context).ConfigureAwait(false)
            ?? throw new InvalidOperationException("Nobody is signed in. An endpoint that reads the session needs RequireAuthorization().");
    }
}
