using Microsoft.AspNetCore.Http;
using SessionRecovery.Sessions;

namespace SessionRecovery.Shared;

/// <summary>Reads the access token from an <c>Authorization: Bearer</c> header (RFC 6750).</summary>
internal static class BearerToken
{
    private const string Scheme = "Bearer ";

    public static AccessToken? Get(HttpRequest request) =>
        request.Headers.Authorization is [{ } value]
        && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && AccessToken.TryParse(value.AsSpan(Scheme.Length).Trim().ToString(), null, out var token)
            ? token
            : null;
}
