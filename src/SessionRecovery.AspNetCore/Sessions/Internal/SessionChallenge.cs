using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SessionRecovery.AspNetCore.Http.Internal;

namespace SessionRecovery.AspNetCore.Sessions.Internal;

/// <summary>
/// Responds with the HTTP status 401 if a request to an endpoint of SessionRecovery has no sign-in. The challenge of a remote scheme such
/// as OpenID Connect does not run for these endpoints. Such a challenge would set a nonce and a correlation cookie, could write a form with
/// the status 200, and fails while the provider is unreachable. If an authorization policy of the host forbids the request, the response
/// has the status 403. For all other endpoints, the challenge runs unchanged.
/// </summary>
internal sealed class SessionChallenge(
    IAuthenticationSchemeProvider schemes,
    IOptionsMonitor<PolicySchemeOptions> policies,
    IOptionsMonitor<CookieAuthenticationOptions> cookies) : IAuthorizationMiddlewareResultHandler
{
    // The maximum number of forwards from one scheme to another. The maximum prevents an endless loop if schemes forward to each other in a
    // cycle.
    private const int MaxForwards = 8;

    private readonly AuthorizationMiddlewareResultHandler _framework = new();

    /// <summary>Replaces the authorization result handler of ASP.NET Core. A handler that the host registered is not replaced.</summary>
    public static void AddTo(IServiceCollection services)
    {
        for (var index = 0; index < services.Count; index++)
        {
            if (services[index].ServiceType == typeof(IAuthorizationMiddlewareResultHandler)
                && services[index] is { IsKeyedService: false, ImplementationType: { } type }
                && type == typeof(AuthorizationMiddlewareResultHandler))
            {
                services[index] = ServiceDescriptor.Singleton<IAuthorizationMiddlewareResultHandler, SessionChallenge>();
            }
        }
    }

    public Task HandleAsync(
        RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded || context.GetEndpoint()?.Metadata.GetMetadata<SessionEndpoint>() is null)
        {
            return _framework.HandleAsync(next, context, policy, authorizeResult);
        }

        // The scheme's own response to a forbidden request is not used, because it could be a redirect to an "access denied" page.
        return authorizeResult.Forbidden ? Problems.Forbidden.ExecuteAsync(context) : ChallengeAsync(context, policy);
    }

    private async Task ChallengeAsync(HttpContext context, AuthorizationPolicy policy)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        var byDefault = await schemes.GetDefaultChallengeSchemeAsync().ConfigureAwait(false);
        string?[] names = policy.AuthenticationSchemes.Count > 0 ? [.. policy.AuthenticationSchemes] : [byDefault?.Name];
        foreach (var name in names)
        {
            if (!await IsRemoteAsync(context, name).ConfigureAwait(false))
            {
                await context.ChallengeAsync(name).ConfigureAwait(false);
            }
        }
    }

    private async Task<bool> IsRemoteAsync(HttpContext context, string? name) =>
        await FindTargetAsync(context, name).ConfigureAwait(false) is { } target
        && typeof(IAuthenticationRequestHandler).IsAssignableFrom(target.HandlerType);

    private async Task<AuthenticationScheme?> FindTargetAsync(HttpContext context, string? name)
    {
        AuthenticationScheme? scheme = null;
        for (var forwards = 0; name is not null && forwards < MaxForwards; forwards++)
        {
            scheme = await schemes.GetSchemeAsync(name).ConfigureAwait(false);
            name = GetForward(context, scheme);
        }

        return scheme;
    }

    // The forwarding properties of the scheme are read in the same order as in the authentication handlers of ASP.NET Core.
    private string? GetForward(HttpContext context, AuthenticationScheme? scheme)
    {
        AuthenticationSchemeOptions? options = scheme?.HandlerType switch
        {
            { } type when type == typeof(PolicySchemeHandler) => policies.Get(scheme.Name),
            { } type when type == typeof(CookieAuthenticationHandler) => cookies.Get(scheme.Name),
            _ => null,
        };
        var target = options?.ForwardChallenge ?? options?.ForwardDefaultSelector?.Invoke(context) ?? options?.ForwardDefault;
        return target == scheme?.Name ? null : target;
    }
}
