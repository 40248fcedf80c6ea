using Microsoft.AspNetCore.Http;

namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>Every problem that we answer, with its code. docs/http.md lists them.</summary>
internal static class Problems
{
    public static Problem Unauthenticated { get; } = new(StatusCodes.Status401Unauthorized, "unauthenticated", "Sign in first.");

    public static Problem InvalidToken { get; } = new(StatusCodes.Status401Unauthorized, "invalid_token", "The access token was refused.");

    public static Problem TokenMismatch { get; } = new(StatusCodes.Status400BadRequest, "token_mismatch", "The token in the body is not the one in the header.");

    public static Problem MalformedJson { get; } = new(StatusCodes.Status400BadRequest, "malformed_json", "The body is not the JSON that this address takes.");

    public static Problem CustomHeaderRequired { get; } = new(StatusCodes.Status400BadRequest, "custom_header_required", "A request without an Authorization header needs the header Session-Client or Idempotency-Key.");

    public static Problem InvalidCreditsVersion { get; } = new(StatusCodes.Status400BadRequest, "invalid_credits_version", "The header Credits-Version is not one that this server gave.");

    public static Problem AuthorityUnavailable { get; } = new(StatusCodes.Status503ServiceUnavailable, "authority_unavailable", "The token could not be checked now.") { RetryAfter = TimeSpan.FromSeconds(1) };

    public static Problem CreditsUnavailable { get; } = new(StatusCodes.Status503ServiceUnavailable, "credits_unavailable", "The balance can't be read now.") { RetryAfter = TimeSpan.FromSeconds(1) };

    public static Problem IdempotencyKeyRequired { get; } = new(StatusCodes.Status400BadRequest, "idempotency_key_required", "A paid request needs the header Idempotency-Key.");

    public static Problem InvalidIdempotencyKey { get; } = new(StatusCodes.Status400BadRequest, "invalid_idempotency_key", "Idempotency-Key is one value of 1 to 250 visible ASCII characters.");

    public static Problem MultipartNotSupported { get; } = new(StatusCodes.Status415UnsupportedMediaType, "multipart_not_supported", "A paid request can't be multipart: its boundary changes with every try.");

    public static Problem KeyConflict { get; } = new(StatusCodes.Status422UnprocessableEntity, "key_conflict", "This Idempotency-Key was used for another request.");

    public static Problem Superseded { get; } = new(StatusCodes.Status409Conflict, "superseded", "A later attempt of this request took over.");

    public static Problem AlreadyClosed { get; } = new(StatusCodes.Status409Conflict, "already_closed", "This request's hold had ended. Repeat it with the same key.");

    public static Problem HoldExpired { get; } = new(StatusCodes.Status402PaymentRequired, "expired", "The hold on the credits had lapsed and the balance no longer covers it.");

    public static Problem OutcomeUnknown { get; } = new(StatusCodes.Status503ServiceUnavailable, "outcome_unknown", "It is not known whether this was done. Repeat it with the same key.") { RetryAfter = TimeSpan.FromSeconds(1) };

    public static Problem Busy { get; } = new(StatusCodes.Status503ServiceUnavailable, "busy", "The credit store is busy. Repeat the request with the same key.") { RetryAfter = TimeSpan.FromSeconds(1) };

    public static Problem NoAccount { get; } = new(StatusCodes.Status402PaymentRequired, "no_account", "There is no credit account.");

    public static Problem MultipartRequired { get; } = new(StatusCodes.Status415UnsupportedMediaType, "multipart_required", "Send multipart/form-data with the field 'file'.");

    public static Problem MalformedMultipart { get; } = new(StatusCodes.Status400BadRequest, "malformed_multipart", "The multipart body is broken.");

    public static Problem FileFieldMissing { get; } = new(StatusCodes.Status400BadRequest, "file_missing", "The field 'file' is missing.");

    public static Problem UploadInterrupted { get; } = new(StatusCodes.Status400BadRequest, "upload_interrupted", "The upload broke off; nothing was stored.");

    public static Problem FileEmpty { get; } = new(StatusCodes.Status400BadRequest, "file_empty", "The file is empty.");

    public static Problem FileTypeNotSupported { get; } = new(StatusCodes.Status415UnsupportedMediaType, "file_type_not_supported", "This type is not accepted, or the file is not what its type says.");

    public static Problem TooManyFiles { get; } = new(StatusCodes.Status409Conflict, "too_many_files", "Delete a file first: there are as many as allowed.");

    public static Problem FilesUnavailable { get; } = new(StatusCodes.Status503ServiceUnavailable, "files_unavailable", "Files can't be read or stored now.") { RetryAfter = TimeSpan.FromSeconds(2) };

    public static Problem FileNotFound { get; } = new(StatusCodes.Status404NotFound, "file_not_found", "There is no such file.");

    public static Problem FileLost { get; } = new(StatusCodes.Status410Gone, "file_lost", "The file is known, but its bytes are gone.");

    public static Problem LinkInvalid { get; } = new(StatusCodes.Status403Forbidden, "link_invalid", "This link has ended or was never valid. Ask for a new one.");

    public static Problem FileTooLarge(long limit) => new(StatusCodes.Status413PayloadTooLarge, "file_too_large", $"A file may have at most {limit} bytes.");

    public static Problem BodyRefused(int status) => new(status, status == StatusCodes.Status413PayloadTooLarge ? "body_too_large" : "bad_request", "The request's body could not be read.");

    public static Problem Insufficient(long required, long? available) =>
        new(StatusCodes.Status402PaymentRequired, "insufficient_credits", "There are not enough credits.") { Required = required, Available = available };

    public static Problem InProgress(TimeSpan? retryAfter) =>
        new(StatusCodes.Status409Conflict, "in_progress", "This request is being worked on. Repeat it later with the same key.") { RetryAfter = retryAfter ?? TimeSpan.FromSeconds(1) };

    public static Problem RecoveryCooldown(TimeSpan retryAfter) =>
        new(StatusCodes.Status429TooManyRequests, "recovery_cooldown", "The last recovery failed a moment ago.") { RetryAfter = retryAfter };
}
