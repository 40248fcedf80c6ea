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
    public static ValueTask<UserSession> GetUserSessionAsync(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var find = context.RequestServices.GetRequiredService<SessionReader>().FindAsync(context);
        return find.IsCompletedSuccessfully ? Require(find.Result) : RequireAsync(find);
    }

    private static async ValueTask<UserSession> RequireAsync(ValueTask<UserSession?> find) =>
        await Require(await find.ConfigureAwait(false)).ConfigureAwait(false);

    private static ValueTask<UserSession> Require(UserSession? session) => session is not null
        ? new(session)
        : ValueTask.FromException<UserSession>(new InvalidOperationException(
            "No user is signed in. An endpoint that reads the session requires RequireAuthorization()."));
}
