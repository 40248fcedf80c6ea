using System.Globalization;
using System.Net;

namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>
/// What a failed answer means, by code, then <c>statusCode</c>, then HTTP status, never by words. The table is in docs/supabase.md; what
/// the real servers answer is in the recordings of the tests.
/// </summary>
internal static class SupabaseErrorClassifier
{
    // For who is told to slow down, to pay or to wake the project up, and not when to come again: longer than anybody waits here.
    private static readonly TimeSpan NotAtOnce = TimeSpan.FromSeconds(30);

    /// <summary>A failed answer of PostgREST or of the gateway before it. PostgREST 12 to 16.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="asUser">Whether a user's token was sent; the server's own being refused says nothing about anybody's sign-in.</param>
    public static SupabaseFailure ClassifyRest(SupabaseResponse answer, bool asUser)
    {
        var code = SupabaseError.Parse(answer.Body).Code;
        return Failure(answer, code, (int)answer.Status switch
        {
            401 when code is null => SupabaseFault.KeyRejected,

            // The bearer was looked at and refused: it expired (303, up to v12 301) or no key fits it (301).
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

    /// <summary>A failed answer of Auth about a user's token.</summary>
    public static SupabaseFailure ClassifyAuth(SupabaseResponse answer)
    {
        var code = SupabaseError.Parse(answer.Body).Code;
        return Failure(answer, code, code switch
        {
            "bad_jwt" or "no_authorization" or "session_not_found" or "user_not_found" or "user_banned" => SupabaseFault.TokenRejected,

            // The token has no audience, which no token of this project lacks.
            "validation_failed" when answer.Status == HttpStatusCode.BadRequest => SupabaseFault.TokenRejected,
            null when answer.Status == HttpStatusCode.Unauthorized => SupabaseFault.KeyRejected,
            _ => SupabaseFault.Outage,
        });
    }

    /// <summary>
    /// A failed answer of Storage, which answers nearly every error with the HTTP status 400 and the real one in the body.
    /// </summary>
    public static SupabaseFailure ClassifyStorage(SupabaseResponse answer)
    {
        var error = SupabaseError.Parse(answer.Body);
        return Failure(answer, error.Code ?? error.StatusCode?.ToString(CultureInfo.InvariantCulture), error switch
        {
            { Code: null, StatusCode: null } when answer.Status == HttpStatusCode.Unauthorized => SupabaseFault.KeyRejected,
            { Code: "NoSuchBucket" } => SupabaseFault.NotDefined,
            { StatusCode: 404 } => SupabaseFault.Missing,
            { StatusCode: 409 } => SupabaseFault.Exists,

            // An expired token and a missing policy carry the same code: neither may sign anyone out, so both are the set-up's.
            { StatusCode: 401 or 403 } => SupabaseFault.Denied,
            { StatusCode: 400 or 413 or 415 } => SupabaseFault.Invalid,
            _ => SupabaseFault.Outage,
        });
    }

    private static SupabaseFailure Failure(SupabaseResponse answer, string? code, SupabaseFault fault)
    {
        var status = (int)answer.Status;
        var wait = status is 402 or 429 or 540 && answer.RetryAfter == TimeSpan.Zero ? NotAtOnce : answer.RetryAfter;
        return new(fault, code ?? status.ToString(CultureInfo.InvariantCulture), wait);
    }
}
