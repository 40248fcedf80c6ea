using System.Globalization;
using System.Net;

namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>
/// Classifies a failed response by code, then <c>statusCode</c>, then HTTP status, never by its message. docs/supabase.md has the table;
/// the recordings of the tests have the real servers' responses.
/// </summary>
internal static class SupabaseErrorClassifier
{
    // The minimum delay after a response without `Retry-After` that reports a rate limit, an unpaid bill or a paused project. It exceeds
    // every caller's maximum wait, so such a request is not retried.
    private static readonly TimeSpan NotAtOnce = TimeSpan.FromSeconds(30);

    /// <summary>Classifies a failed response of PostgREST 12 to 16 or of its gateway.</summary>
    /// <param name="response">The response.</param>
    /// <param name="asUser">
    /// Whether the request carried a user's token. A rejection of the server's own key does not mean that a user's token is invalid.
    /// </param>
    public static SupabaseFailure ClassifyRest(SupabaseResponse response, bool asUser)
    {
        var code = SupabaseError.Parse(response.Body).Code;
        return Failure(response, code, (int)response.Status switch
        {
            401 when code is null => SupabaseFault.KeyRejected,

            // PostgREST rejected the token: it expired (PGRST303; PGRST301 up to version 12), or no key matches it (PGRST301).
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

    /// <summary>Classifies a failed response of Auth about a user's token.</summary>
    public static SupabaseFailure ClassifyAuth(SupabaseResponse response)
    {
        var code = SupabaseError.Parse(response.Body).Code;
        return Failure(response, code, code switch
        {
            "bad_jwt" or "no_authorization" or "session_not_found" or "user_not_found" or "user_banned" => SupabaseFault.TokenRejected,

            // A token without an audience is rejected, because every user token of the project has one.
            "validation_failed" when response.Status == HttpStatusCode.BadRequest => SupabaseFault.TokenRejected,
            null when response.Status == HttpStatusCode.Unauthorized => SupabaseFault.KeyRejected,
            _ => SupabaseFault.Outage,
        });
    }

    /// <summary>Classifies a failed response of Storage, whose HTTP status is nearly always 400 with the real status in the body.</summary>
    public static SupabaseFailure ClassifyStorage(SupabaseResponse response)
    {
        var error = SupabaseError.Parse(response.Body);
        return Failure(response, error.Code ?? error.StatusCode?.ToString(CultureInfo.InvariantCulture), error switch
        {
            { Code: null, StatusCode: null } when response.Status == HttpStatusCode.Unauthorized => SupabaseFault.KeyRejected,
            { Code: "NoSuchBucket" } => SupabaseFault.NotDefined,
            { StatusCode: 404 } => SupabaseFault.Missing,
            { StatusCode: 409 } => SupabaseFault.Exists,

            // Storage reports an expired token and a missing policy with the same code. Both are treated as configuration errors, because a
            // missing policy must not sign a user out.
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
