using System.Globalization;
using System.Net;

namespace SessionRecovery.Supabase.Http.Internal;

/// <summary>
/// Classifies a failed response by its error code, then by <c>statusCode</c>, then by the HTTP status, but never by its message. The page
/// docs/supabase-operations.md contains a table of the codes, and the folder tests/recordings contains responses of real servers.
/// </summary>
internal static class SupabaseErrorClassifier
{
    // The minimum delay after a response that reports a rate limit, an unpaid bill or a paused project without `Retry-After`. This delay is
    // longer than any caller waits for a retry, so the rejected request is not retried.
    private static readonly TimeSpan NotAtOnce = TimeSpan.FromSeconds(30);

    /// <summary>Classifies a failed response of PostgREST 12 to 16, or of its gateway, to a request with an API key.</summary>
    public static SupabaseFailure ClassifyRest(SupabaseResponse response)
    {
        var (code, _, isOfDatabase) = SupabaseError.Parse(response.Body);
        return Failure(response, code, code switch
        {
            null when response.Status == HttpStatusCode.Unauthorized => SupabaseFault.KeyRejected,
            null => SupabaseFault.Outage,

            // PostgREST rejected the token. Either the token has expired (PGRST303, in versions up to 12 PGRST301), or no key can verify it
            // (PGRST301).
            "PGRST300" or "PGRST301" or "PGRST303" => SupabaseFault.KeyRejected,
            _ => ClassifyDatabase(code, (int)response.Status, isOfDatabase),
        });
    }

    /// <summary>
    /// Classifies a failed response to a request with a user's token. The code PGRST303 means that the token has expired or is not valid
    /// yet. If the token has not expired by this host's clock, the clocks of the host and of PostgREST differ, and the session may still
    /// be valid.
    /// </summary>
    /// <param name="response">The response.</param>
    /// <param name="isExpired">Whether the token has expired by this host's clock.</param>
    public static SupabaseFailure ClassifyRestForUser(SupabaseResponse response, bool isExpired)
    {
        var failure = ClassifyRest(response);
        return failure.Code switch
        {
            "PGRST301" => failure with { Fault = SupabaseFault.TokenRejected },
            "PGRST303" => failure with { Fault = isExpired ? SupabaseFault.TokenRejected : SupabaseFault.ClockSkew },
            _ => failure,
        };
    }

    // A response with a code usually reports a rollback. There are two exceptions. The transaction may have been committed if the
    // connection was lost (PGRST001, class 08, 40003) or the database is stopping (classes 57 and 58). The transaction has been committed
    // if PostgREST rejected the headers or the status that the function set (PGRST111, PGRST112), because PostgREST reads them after the
    // commit.
    private static SupabaseFault ClassifyDatabase(string code, int status, bool isOfDatabase) => code switch
    {
        "55P03" or "57014" or "PT429" => SupabaseFault.Busy,
        "42703" or "PGRST106" or "PGRST203" or "PGRST204" => SupabaseFault.NotDefined,
        "42P17" or "PGRST302" => SupabaseFault.Denied,
        "PGRST000" or "PGRST001" or "PGRST002" or "PGRST003" or "PGRST111" or "PGRST112" or "40003" => SupabaseFault.Outage,
        _ when !isOfDatabase && status >= 500 => SupabaseFault.Outage,
        _ when code.StartsWith("PT5", StringComparison.Ordinal) && status >= 500 => SupabaseFault.Busy,
        _ when code.Length == 5 && code[..2] is "40" or "53" => SupabaseFault.Busy,
        _ when code.Length == 5 && code[..2] is "08" or "57" or "58" => SupabaseFault.Outage,
        _ => status switch
        {
            401 or 403 => SupabaseFault.Denied,
            404 => SupabaseFault.NotDefined,
            409 => SupabaseFault.Exists,
            429 => SupabaseFault.Outage,
            _ => isOfDatabase ? SupabaseFault.Invalid : SupabaseFault.Outage,
        },
    };

    /// <summary>Classifies a failed response of Supabase Auth to the verification of a user's token.</summary>
    public static SupabaseFailure ClassifyAuth(SupabaseResponse response)
    {
        var code = SupabaseError.Parse(response.Body).Code;
        return Failure(response, code, code switch
        {
            "bad_jwt" or "no_authorization" or "session_not_found" or "user_not_found" or "user_banned" => SupabaseFault.TokenRejected,

            // Supabase Auth returns this code for a token without an audience. Every token of a user has an audience, so the token is not a
            // user's token and is rejected.
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

            // Storage returns the same code for an expired token and for a missing policy. Both are treated as configuration errors,
            // because a missing policy must not sign a user out.
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
