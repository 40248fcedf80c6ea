using System.Globalization;
using System.Net;

namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>
/// Classifies a failed response by its error code, then by <c>statusCode</c>, then by the HTTP status, but never by its message. The page
/// docs/supabase.md contains a table of the codes, and the folder tests/recordings contains responses of real servers.
/// </summary>
internal static class SupabaseErrorClassifier
{
    // The minimum delay after a response that reports a rate limit, an unpaid bill or a paused project without `Retry-After`. The delay
    // exceeds every caller's maximum wait, so the rejected request is not retried.
    private static readonly TimeSpan NotAtOnce = TimeSpan.FromSeconds(30);

    /// <summary>Classifies a failed response of PostgREST (versions 12 to 16) or of the API gateway.</summary>
    /// <param name="response">The response.</param>
    /// <param name="asUser">
    /// <see langword="true"/> if the request contained a user's token. If the server's own key was rejected, the user's token may still be
    /// valid.
    /// </param>
    public static SupabaseFailure ClassifyRest(SupabaseResponse response, bool asUser)
    {
        var code = SupabaseError.Parse(response.Body).Code;
        return Failure(response, code, (int)response.Status switch
        {
            401 when code is null => SupabaseFault.KeyRejected,

            // PostgREST rejected the token, because it has expired (PGRST303, or PGRST301 up to version 12) or because no key matches it
            // (PGRST301).
            401 when code is "PGRST301" or "PGRST303" => asUser ? SupabaseFault.TokenRejected : SupabaseFault.KeyRejected,
            401 or 403 when code is not null => SupabaseFault.Denied,
            500 when code is "55P03" => SupabaseFault.Busy,
            400 when code is "42703" or "PGRST204" => SupabaseFault.NotDefined,
            404 when code is not null => SupabaseFault.NotDefined,
            406 when code is "PGRST106" => SupabaseFault.NotDefined,
            409 when code is not null => SupabaseFault.Exists,
            400 or 405 or 406 or 416 when code is not null => SupabaseFault.Invalid,
            _ => SupabaseFault.Outage,
        });
    }

    /// <summary>Classifies a failed response of Supabase Auth to a request with a user's token.</summary>
    public static SupabaseFailure ClassifyAuth(SupabaseResponse response)
    {
        var code = SupabaseError.Parse(response.Body).Code;
        return Failure(response, code, code switch
        {
            "bad_jwt" or "no_authorization" or "session_not_found" or "user_not_found" or "user_banned" => SupabaseFault.TokenRejected,

            // Auth reports a token without an audience in this way. The token is rejected, because every user token of the project has an
            // audience.
            "validation_failed" when response.Status == HttpStatusCode.BadRequest => SupabaseFault.TokenRejected,
            null when response.Status == HttpStatusCode.Unauthorized => SupabaseFault.KeyRejected,
            _ => SupabaseFault.Outage,
        });
    }

    /// <summary>
    /// Classifies a failed response of Supabase Storage. The HTTP status of such a response is nearly always 400, and the body contains the
    /// actual status.
    /// </summary>
    public static SupabaseFailure ClassifyStorage(SupabaseResponse response)
    {
        var error = SupabaseError.Parse(response.Body);
        return Failure(response, error.Code ?? error.StatusCode?.ToString(CultureInfo.InvariantCulture), error switch
        {
            { Code: null, StatusCode: null } when response.Status == HttpStatusCode.Unauthorized => SupabaseFault.KeyRejected,
            { Code: "NoSuchBucket" } => SupabaseFault.NotDefined,
            { StatusCode: 404 } => SupabaseFault.Missing,
            { StatusCode: 409 } => SupabaseFault.Exists,

            // Storage returns the same code for an expired token and for a missing policy. An expired token and a missing policy are both
            // treated as configuration errors, because a missing policy must not sign a user out.
            { StatusCode: 401 or 403 } => SupabaseFault.Denied,
            { StatusCode: 400 or 413 or 415 } => SupabaseFault.Invalid,
            _ => SupabaseFault.Outage,
        });
    }

    private static SupabaseFailure Failure(SupabaseResponse response, string? code, SupabaseFault fault)
    {
        var status = (int)response.Status;
        var wait = status is 402 or 429 or 540 && response.RetryAfter == TimeSpan.Zero ? NotAtOnce : response.RetryAfter;
        return new(fault, code ?? status.ToString(CultureInfo.InvariantCulture), wait);
    }
}
