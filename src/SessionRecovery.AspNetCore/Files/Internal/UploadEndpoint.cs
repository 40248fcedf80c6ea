using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.AspNetCore.Sessions.Internal;
using SessionRecovery.Credits;
using SessionRecovery.Files;
using SessionRecovery.Sessions;
using HeaderNames = SessionRecovery.AspNetCore.Http.Internal.HeaderNames;

namespace SessionRecovery.AspNetCore.Files.Internal;

/// <summary>Handles <c>POST /uploads</c>. The endpoint reads the request as a stream and never holds the whole file in memory.</summary>
internal static class UploadEndpoint
{
    private const int MaxSections = 16;
    private const int MaxBoundary = 100;
    private const int MaxMediaType = 127;
    private const int FramingAllowance = 64 * 1024;

    public static EndpointDescription Post { get; } = new(
        "UploadFile",
        "/uploads",
        "Files",
        "Stores a file of the user, sent as multipart/form-data in the field 'file'.",
        Problems.MalformedMultipart,
        Problems.FileFieldMissing,
        Problems.UploadInterrupted,
        Problems.FileEmpty,
        Problems.InvalidIdempotencyKey,
        Problems.CustomHeaderRequired,
        Problems.Unauthenticated,
        Problems.InvalidToken,
        Problems.TooManyFiles,
        Problems.InProgress,
        Problems.FileTooLarge(0),
        Problems.BodyRejected(StatusCodes.Status413PayloadTooLarge),
        Problems.MultipartRequired,
        Problems.FileTypeNotSupported(null, null, []),
        Problems.KeyConflict,
        Problems.FilesUnavailable) { RequestBody = new RequestBodyMetadata(typeof(IFormFile), "multipart/form-data", "file") };

    public static async Task<Results<CreatedJsonResult<FileResponse>, Problem>> PostAsync(
        HttpContext context,
        [FromServices] IFileStore store,
        [FromServices] SessionReader sessions,
        [FromServices] RunningUploads running,
        [FromServices] IOptions<UserFileOptions> options,
        [FromServices] ILogger<IFileStore> logger,
        [FromHeader(Name = HeaderNames.IdempotencyKey)] string? idempotencyKey)
    {
        var limit = options.Value.MaxSize;
        if (CheckHeaders(context, idempotencyKey, limit, out var key, out var boundary) is { } problem)
        {
            return problem;
        }

        var session = await sessions.GetFileSessionAsync(context).ConfigureAwait(false);
        using var upload = key is null ? null : running.TryBegin(session.User, key);
        if (key is not null && upload is null)
        {
            return Problems.InProgress;
        }

        try
        {
            var reader = new MultipartReader(boundary, context.Request.Body);
            return await FindFileAsync(reader, key, context.RequestAborted).ConfigureAwait(false) is { } file
                ? await ReceiveAsync(context, session, store, file, options.Value, logger).ConfigureAwait(false)
                : Problems.FileFieldMissing;
        }
        catch (BadHttpRequestException exception)
        {
            return ToProblem(context, exception.StatusCode, limit);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            return Problems.MalformedMultipart;
        }
    }

    /// <summary>Checks the headers, and limits the size of the body that the server accepts.</summary>
    private static Problem? CheckHeaders(HttpContext context, string? idempotencyKey, long limit, out string? key, out string boundary)
    {
        var request = context.Request;
        boundary = GetBoundary(request.ContentType) ?? string.Empty;
        key = null;
        if ((idempotencyKey is not null || request.Headers.ContainsKey(HeaderNames.IdempotencyKey)) && (key = GetKey(request)) is null)
        {
            return Problems.InvalidIdempotencyKey;
        }

        if (boundary.Length == 0)
        {
            return Problems.MultipartRequired;
        }

        if (request.ContentLength > limit + FramingAllowance)
        {
            return Problems.FileTooLarge(limit);
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = limit + FramingAllowance;
        }

        return null;
    }

    private static async Task<FileUpload?> FindFileAsync(MultipartReader reader, string? key, CancellationToken cancellationToken)
    {
        for (var count = 0; count < MaxSections; count++)
        {
            if (await reader.ReadNextSectionAsync(cancellationToken).ConfigureAwait(false) is not { } section)
            {
                break;
            }

            if (GetFileName(section) is { } name)
            {
                return new FileUpload
                {
                    FileName = name,
                    ContentType = section.ContentType ?? string.Empty,
                    Content = new UploadBody(section.Body),
                    IdempotencyKey = key,
                };
            }
        }

        return null;
    }

    private static async Task<Results<CreatedJsonResult<FileResponse>, Problem>> ReceiveAsync(
        HttpContext context, UserSession session, IFileStore store, FileUpload upload, UserFileOptions options, ILogger logger)
    {
        StoredFile? earlier = null;
        if (upload.IdempotencyKey is { } key)
        {
            try
            {
                var files = await store.ListAsync(session, context.RequestAborted).ConfigureAwait(false);
                earlier = files.FirstOrDefault(file => file.IsUploadedWith(key));
            }
            catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested)
            {
                logger.FilesUnavailable(exception);
                return Problems.FilesUnavailable;
            }
        }

        // The body of a repeated upload is read completely, because its content must be compared with the content of the first upload.
        var saved = earlier is null
            ? await store.SaveAsync(session, upload, context.RequestAborted).ConfigureAwait(false)
            : await upload.CopyToAsync(Stream.Null, options, earlier.CreatedAt, context.RequestAborted).ConfigureAwait(false);
        if (saved is not { Status: FileSaveStatus.Saved, File: { } file })
        {
            return ToProblem(context, upload, saved, options);
        }

        if (earlier is not null)
        {
            if (!string.Equals(earlier.Sha256, file.Sha256, StringComparison.Ordinal))
            {
                return Problems.KeyConflict;
            }

            context.Response.Headers[HeaderNames.IdempotencyReplayed] = "true";
        }

        var response = FileResponse.Create(earlier ?? file, FileAddress.GetList(context.Request));
        return new CreatedJsonResult<FileResponse>(response.Url, response);
    }

    private static Problem ToProblem(HttpContext context, FileUpload upload, FileSaveResult saved, UserFileOptions options)
    {
        if (upload.Content is UploadBody { RejectedStatus: StatusCodes.Status413PayloadTooLarge and var status })
        {
            return ToProblem(context, status, options.MaxSize);
        }

        return saved.Status switch
        {
            FileSaveStatus.Empty => Problems.FileEmpty,
            FileSaveStatus.TooLarge => Problems.FileTooLarge(options.MaxSize),
            FileSaveStatus.UnsupportedType => Problems.FileTypeNotSupported(
                saved.DetectedContentType,
                GetMediaType(upload.ContentType),
                [.. FileUpload.DefaultContentTypes, .. options.AllowedContentTypes]),
            FileSaveStatus.TooMany => Problems.TooManyFiles,
            FileSaveStatus.Interrupted => Problems.UploadInterrupted,
            _ => Problems.FilesUnavailable,
        };
    }

    /// <summary>
    /// Returns the problem for a body that is too large. The limit for this request was set to the maximum file size, but the host may have
    /// a lower limit that cannot be raised.
    /// </summary>
    private static Problem ToProblem(HttpContext context, int rejected, long maxSize) =>
        rejected == StatusCodes.Status413PayloadTooLarge
        && (context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize ?? long.MaxValue) >= maxSize
            ? Problems.FileTooLarge(maxSize)
            : Problems.BodyRejected(rejected);

    private static string? GetKey(HttpRequest request) =>
        request.Headers[HeaderNames.IdempotencyKey] is [var header] && IdempotencyKey.TryCreateFromRequest(header, out var key)
            ? key.Value
            : null;

    /// <summary>
    /// Returns the declared content type without its parameters. Returns <see langword="null"/> if the text is not a content type.
    /// </summary>
    private static string? GetMediaType(string contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type) && type.MediaType.Length <= MaxMediaType ? type.MediaType.Value : null;

    /// <summary>
    /// Returns the user's name for the file in the form field <c>file</c>. Returns <see langword="null"/> for any other section of the
    /// form.
    /// </summary>
    private static string? GetFileName(MultipartSection section)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)
            || !string.Equals(HeaderUtilities.RemoveQuotes(disposition.Name).Value, "file", StringComparison.Ordinal)
            || !disposition.IsFileDisposition())
        {
            return null;
        }

        // Browsers escape only three characters in a file name: quotes, carriage returns and line feeds.
        return disposition.FileNameStar.HasValue
            ? disposition.FileNameStar.Value!
            : (HeaderUtilities.RemoveQuotes(disposition.FileName).Value ?? string.Empty)
                .Replace("%22", "\"", StringComparison.Ordinal)
                .Replace("%0D", string.Empty, StringComparison.OrdinalIgnoreCase)
                .Replace("%0A", string.Empty, StringComparison.OrdinalIgnoreCase);
    }

    private static string? GetBoundary(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
        && HeaderUtilities.RemoveQuotes(type.Boundary) is { Length: > 0 and <= MaxBoundary } boundary
            ? boundary.ToString()
            : null;
}
