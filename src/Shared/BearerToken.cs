using Microsoft.AspNetCore.Http;
using SessionRecovery.Sessions;

namespace SessionRecovery.Shared;

/// <summary>Reads the access token from an <c>Authorization: Bearer</c> header (RFC 6750).</summary>
internal static class BearerToken
{
    private const string Scheme = "Bearer ";

    /// <summary>Returns the token of the header; <see langword="null"/> if the header contains no valid token.</summary>
    /// <remarks>
    /// If the request has the feature <see cref="AccessToken"/> (see <see cref="Keep"/>) with the text of the header, the method returns
    /// this object. The method compares the texts, because a middleware may replace the header.
    /// </remarks>
    public static AccessToken? Get(HttpRequest request)
    {
        var text = GetText(request);
        if (text.IsEmpty)
        {
            return null;
        }

        return request.HttpContext.Features.Get<AccessToken>() is { } kept && text.SequenceEqual(kept.Reveal())
            ? kept
            : AccessToken.TryParse(text.ToString(), null, out var token) ? token : null;
    }

    /// <summary>
    /// Returns the text after the scheme name, without a copy. The text is not validated. The text is empty if the request does not have
    /// exactly one <c>Authorization</c> header with the scheme <c>Bearer</c>.
    /// </summary>
    public static ReadOnlySpan<char> GetText(HttpRequest request) =>
        request.Headers.Authorization is [{ } value] && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? value.AsSpan(Scheme.Length).Trim()
            : default;

    /// <summary>Keeps a token as a feature of the request, so that the text of the header is not copied again.</summary>
    public static void Keep(HttpRequest request, AccessToken token) => request.HttpContext.Features.Set(token);
}
