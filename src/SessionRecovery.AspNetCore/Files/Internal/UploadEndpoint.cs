using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.Files;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Files.Internal;

/// <summary><c>POST /uploads</c>: the request is read as a stream, never into memory.</summary>
internal static class UploadEndpoint
{
    private const int MaxSections = 16;
    private const int MaxBoundary = 100;
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
        Problems.CustomHeaderRequired,
        Problems.Unauthenticated,
        Problems.InvalidToken,
        Problems.TooManyFiles,
        Problems.FileTooLarge(0),
        Problems.BodyRejected(StatusCodes.Status413PayloadTooLarge),
        Problems.MultipartRequired,
        Problems.FileTypeNotSupported,
        Problems.FilesUnavailable) { RequestBody = new RequestBodyMetadata(typeof(IFormFile), "multipart/form-data", "file") };

    public static async Task<Results<CreatedJsonResult<FileResponse>, Problem>> PostAsync(
        HttpContext context,
        [FromServices] IFileStore store,
        [FromServices] IOptions<UserFileOptions> options)
    {
        var request = context.Request;
        var limit = options.Value.MaxSize;
        if (GetBoundary(request.ContentType) is not { } boundary)
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

        var session = await context.GetUserSessionAsync().ConfigureAwait(false);
        try
        {
            return await ReceiveAsync(context, session, store, new MultipartReader(boundary, request.Body), limit).ConfigureAwait(false);
        }
        catch (BadHttpRequestException exception)
        {
            return Problems.BodyRejected(exception.StatusCode);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            return Problems.MalformedMultipart;
        }
    }

    private static async Task<Results<CreatedJsonResult<FileResponse>, Problem>> ReceiveAsync(
        HttpContext context, UserSession session, IFileStore store, MultipartReader reader, long limit)
    {
        for (var count = 0; count < MaxSections; count++)
        {
            if (await reader.ReadNextSectionAsync(context.RequestAborted).ConfigureAwait(false) is not { } section)
            {
                break;
            }

            if (GetFileName(section) is { } name)
            {
                var upload = new FileUpload { FileName = name, ContentType = section.ContentType ?? string.Empty, Content = section.Body };
                var saved = await store.SaveAsync(session, upload, context.RequestAborted).ConfigureAwait(false);
                return ToResult(context, saved, limit);
            }
        }

        return Problems.FileFieldMissing;
    }

    private static Results<CreatedJsonResult<FileResponse>, Problem> ToResult(HttpContext context, FileSaveResult saved, long limit)
    {
        if (saved is { Status: FileSaveStatus.Saved, File: { } file })
        {
            var response = FileResponse.Create(file, $"{context.Request.PathBase}{context.Request.Path}");
            return new CreatedJsonResult<FileResponse>(response.Url, response);
        }

        return saved.Status switch
        {
            FileSaveStatus.Empty => Problems.FileEmpty,
            FileSaveStatus.TooLarge => Problems.FileTooLarge(limit),
            FileSaveStatus.UnsupportedType => Problems.FileTypeNotSupported,
            FileSaveStatus.TooMany => Problems.TooManyFiles,
            FileSaveStatus.Interrupted => Problems.UploadInterrupted,
            _ => Problems.FilesUnavailable,
        };
    }

    /// <summary>Returns the user's name of the file in the field <c>file</c>; <see langword="null"/> for another section.</summary>
    private static string? GetFileName(MultipartSection section)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)
            || !string.Equals(HeaderUtilities.RemoveQuotes(disposition.Name).Value, "file", StringComparison.Ordinal)
            || !disposition.IsFileDisposition())
        {
            return null;
        }

        var name = disposition.FileNameStar.HasValue ? disposition.FileNameStar : HeaderUtilities.RemoveQuotes(disposition.FileName);
        return name.Value ?? string.Empty;
    }

    private static string? GetBoundary(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
        && HeaderUtilities.RemoveQuotes(type.Boundary) is { Length: > 0 and <= MaxBoundary } boundary
            ? boundary.ToString()
            : null;
}
