using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SessionRecovery.AspNetCore.Sessions;

namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>Authorization of our endpoints: by the scheme that the options name, or the host's default one.</summary>
internal static class SessionAuthorization
{
    public static IEndpointConventionBuilder RequireSession(this IEndpointConventionBuilder builder, IServiceProvider services) =>
        builder.RequireAuthorization(Rule(services));

    public static AuthorizeAttribute Rule(IServiceProvider services) =>
        new() { AuthenticationSchemes = services.GetRequiredService<IOptions<UserSessionOptions>>().Value.Scheme };
}
