using Microsoft.AspNetCore.Http;

namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>Defines all problems with their codes. The page docs/http.md lists the codes.</summary>
internal static class Problems
{
    public static Problem Unauthenticated { get; } = new(StatusCodes.Status401Unauthorized, "unauthenticated", "Sign in first.");

    public static Problem InvalidToken { get; } = new(StatusCodes.Status401Unauthorized, "invalid_token", "The access token was rejected.");

    public static Problem NoUserId { get; } =
        new(StatusCodes.Status401Unauthorized, "no_user_id", "The sign-in has no user id. Sign in as a user.");

    public static Problem Forbidden { get; } =
        new(StatusCodes.Status403Forbidden, "forbidden", "A policy of the host does not allow this request.");

    public static Problem SignInUnavailable { get; } =
        new(StatusCodes.Status503ServiceUnavailable, "sign_in_unavailable", "The sign-in cannot be checked at the moment.")
        {
            RetryAfter = TimeSpan.FromSeconds(2),
        };

    public static Problem TokenMismatch { get; } =
        new(StatusCodes.Status400BadRequest, "token_mismatch", "The token in the body differs from the token in the header.");

    public static Problem MalformedJson { get; } =
        new(StatusCodes.Status400BadRequest, "malformed_json", "The body is not the JSON that this endpoint accepts.");

    public static Problem CustomHeaderRequired { get; } =
        new(
            StatusCodes.Status400BadRequest,
            "custom_header_required",
            "A request without a bearer token requires the Session-Client or Idempotency-Key header.");

    public static Problem InvalidCreditsVersion { get; } =
        new(
            StatusCodes.Status400BadRequest,
            "invalid_credits_version",
            "The Credits-Version header is not a version token of this server.");

    public static Problem InvalidHistoryPage { get; } =
        new(
            StatusCodes.Status400BadRequest,
            "invalid_history_page",
            "The parameter 'before' must be from 1 to 9223372036854775807, and 'limit' must be from 1 to 100.");

    public static Problem VerifierUnavailable { get; } =
        new(StatusCodes.Status503ServiceUnavailable, "authority_unavailable", "The access token cannot be verified at the moment.")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        };

    public static Problem CreditsUnavailable { get; } =
        new(StatusCodes.Status503ServiceUnavailable, "credits_unavailable", "The balance cannot be read at the moment.")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        };

    public static Problem IdempotencyKeyRequired { get; } =
        new(StatusCodes.Status400BadRequest, "idempotency_key_required", "This request requires the Idempotency-Key header.");

    public static Problem InvalidIdempotencyKey { get; } =
        new(
            StatusCodes.Status400BadRequest,
            "invalid_idempotency_key",
            "The Idempotency-Key header must be one value of 1 to 250 visible ASCII characters.");

    public static Problem InvalidAntiforgeryToken { get; } =
        new(
            StatusCodes.Status400BadRequest,
            "invalid_antiforgery_token",
            "The form has no valid antiforgery token. Load the page again. Nothing was charged.");

    public static Problem BodyConsumed { get; } =
        new(
            StatusCodes.Status500InternalServerError,
            "body_consumed",
            "The body was read before the request could be identified. The host must buffer it, or read it in the endpoint.");

    public static Problem WorkTimeExceeded { get; } =
        new(StatusCodes.Status504GatewayTimeout, "work_time_exceeded", "The work took too long. Nothing was charged.");

    public static Problem Stopping { get; } =
        new(StatusCodes.Status503ServiceUnavailable, "stopping", "The server is being restarted. Repeat the request with the same key.")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        };

    public static Problem KeyConflict { get; } =
        new(StatusCodes.Status422UnprocessableEntity, "key_conflict", "This Idempotency-Key was used for another request.");

    public static Problem Superseded { get; } =
        new(StatusCodes.Status409Conflict, "superseded", "A later attempt of this request took over the reservation.");

    public static Problem AlreadyClosed { get; } =
        new(
            StatusCodes.Status409Conflict,
            "already_closed",
            "The reservation of this request had ended. Repeat the request with the same key.");

    public static Problem ReservationExpired { get; } =
        new(StatusCodes.Status402PaymentRequired, "expired", "The reservation expired and the balance no longer covers it.");

    public static Problem OutcomeUnknown { get; } =
        new(
            StatusCodes.Status503ServiceUnavailable,
            "outcome_unknown",
            "The outcome of this request is unknown. Repeat it with the same key.")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        };

    public static Problem Busy { get; } =
        new(StatusCodes.Status503ServiceUnavailable, "busy", "The credit store is busy. Repeat the request with the same key.")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        };

    public static Problem NoAccount { get; } = new(StatusCodes.Status402PaymentRequired, "no_account", "The user has no credit account.");

    public static Problem MultipartRequired { get; } =
        new(StatusCodes.Status415UnsupportedMediaType, "multipart_required", "Send multipart/form-data with the field 'file'.");

    public static Problem MalformedMultipart { get; } =
        new(StatusCodes.Status400BadRequest, "malformed_multipart", "The multipart body is malformed.");

    public static Problem FileFieldMissing { get; } = new(StatusCodes.Status400BadRequest, "file_missing", "The field 'file' is missing.");

    public static Problem UploadInterrupted { get; } =
        new(StatusCodes.Status400BadRequest, "upload_interrupted", "The upload was interrupted; nothing was stored.");

    public static Problem FileEmpty { get; } = new(StatusCodes.Status400BadRequest, "file_empty", "The file is empty.");

    public static Problem TooManyFiles { get; } =
        new(StatusCodes.Status409Conflict, "too_many_files", "The maximum number of files is reached. Delete a file first.");

    public static Problem FilesUnavailable { get; } =
        new(StatusCodes.Status503ServiceUnavailable, "files_unavailable", "Files cannot be read or stored at the moment.")
        {
            RetryAfter = TimeSpan.FromSeconds(2),
        };

    public static Problem FileNotFound { get; } = new(StatusCodes.Status404NotFound, "file_not_found", "The file does not exist.");

    public static Problem FileLost { get; } = new(StatusCodes.Status410Gone, "file_lost", "The content of the file is lost.");

    public static Problem LinkInvalid { get; } =
        new(StatusCodes.Status403Forbidden, "link_invalid", "The link has expired or is invalid. Request a new one.");

    public static Problem FileTooLarge(long limit) =>
        new(StatusCodes.Status413PayloadTooLarge, "file_too_large", $"A file may have at most {limit} bytes.");

    public static Problem FileTypeNotSupported(string? detected, string? declared, IReadOnlyList<string> accepted) =>
        new(
            StatusCodes.Status415UnsupportedMediaType,
            "file_type_not_supported",
            "The type of the file is not accepted, or the file was sent as another type.")
        {
            Detail = $"The first bytes show the type {detected ?? "(unknown)"}; the file was sent as {declared ?? "(no type)"}. "
                + $"Accepted types: {string.Join(", ", accepted)}.",
            ContentType = detected,
            Accepted = accepted,
        };

    public static Problem BodyRejected(int status) =>
        new(
            status,
            status == StatusCodes.Status413PayloadTooLarge ? "body_too_large" : "bad_request",
            "The body of the request could not be read.");

    /// <summary>Gets the problem of a request that the host's price function rejected.</summary>
    public static Problem RequestRejected(int status, string? detail) =>
        new(status, "request_rejected", "The request was rejected. Nothing was charged.") { Detail = detail };

    public static Problem Insufficient(long required, long? available) =>
        new(StatusCodes.Status402PaymentRequired, "insufficient_credits", "The available credits do not suffice.")
        {
            Required = required, Available = available,
        };

    /// <summary>
    /// Gets the problem for a request whose idempotency key is used by another running request. The retry delay is shorter than the
    /// remaining lifetime of the reservation, because the other request renews its reservation and may complete at any moment.
    /// </summary>
    public static Problem InProgress { get; } =
        new(StatusCodes.Status409Conflict, "in_progress", "This request is in progress. Repeat it later with the same key.")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        };

    public static Problem RecoveryCooldown(TimeSpan retryAfter) =>
        new(StatusCodes.Status429TooManyRequests, "recovery_cooldown", "The last recovery failed recently.") { RetryAfter = retryAfter };
}
