using Microsoft.AspNetCore.Http.Metadata;

namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>Marks an endpoint of SessionRecovery. On such an endpoint, a cookie scheme returns 401 instead of a redirect.</summary>
internal sealed class SessionEndpoint : IDisableCookieRedirectMetadata
{
    public static SessionEndpoint Instance { get; } = new();
}
