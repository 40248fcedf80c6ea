using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace SessionRecovery.AspNetCore.Sessions.Internal;

/// <summary>Authorizes endpoints with the scheme that the options name, or the host's default one.</summary>
internal static class SessionAuthorization
{
    public static TBuilder RequireSession<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(static endpoint => endpoint.Metadata.Add(CreateRule(endpoint.ApplicationServices)));
        return builder;
    }

    public static AuthorizeAttribute CreateRule(IServiceProvider services) =>
        new() { AuthenticationSchemes = services.GetRequiredService<IOptions<UserSessionOptions>>().Value.Scheme };
}
