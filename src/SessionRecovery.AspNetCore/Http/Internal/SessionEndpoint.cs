using Microsoft.AspNetCore.Http.Metadata;

namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>Marks an endpoint of ours: a refusal there carries a problem with a code, and a cookie scheme answers 401 instead of a redirect.</summary>
internal sealed class SessionEndpoint : IDisableCookieRedirectMetadata
{
    public static SessionEndpoint Instance { get; } = new();
}
