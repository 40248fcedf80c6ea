using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SessionRecovery.AspNetCore.Http.Internal;

namespace SessionRecovery.AspNetCore.Sessions.Internal;

/// <summary>
/// Adds authorization to endpoints. The authorization uses the scheme that the options name, or the host's default scheme.
/// </summary>
internal static class SessionAuthorization
{
    /// <summary>Requires a verified principal with a user id.</summary>
    public static TBuilder RequireSession<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.Require(static (sessions, principal) => sessions.HasUser(principal));

    /// <summary>Requires, on the endpoints of files, a verified principal that has a user id.</summary>
    public static TBuilder RequireFileSession<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.Require(static (sessions, principal) => sessions.HasFileUser(principal));

    public static AuthorizeAttribute CreateRule(IServiceProvider services) =>
        new() { AuthenticationSchemes = services.GetRequiredService<IOptions<UserSessionOptions>>().Value.Scheme };

    private static TBuilder Require<TBuilder>(this TBuilder builder, Func<SessionReader, ClaimsPrincipal, bool> hasId)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(static endpoint => endpoint.Metadata.Add(CreateRule(endpoint.ApplicationServices)));
        builder.Finally(endpoint =>
        {
            var sessions = endpoint.ApplicationServices.GetRequiredService<SessionReader>();
            var handler = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = context =>
                hasId(sessions, context.User) ? handler(context) : Problems.NoUserId.ExecuteAsync(context);
        });
        return builder;
    }
}
