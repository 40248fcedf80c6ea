using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.AspNetCore.Sessions;
using SessionRecovery.Files;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Files.Internal;

/// <summary><c>POST /uploads</c>: the request is read as a stream, never into memory.</summary>
internal static class UploadEndpoint
{
    private const int MaxSections = 16;
    private const int MaxBoundary = 100;
    private const int FramingAllowance = 64 * 1024;

    public static async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        var limit = context.RequestServices.GetRequiredService<IOptions<UserFileOptions>>().Value.MaxSize;
        if (GetBoundary(request.ContentType) is not { } boundary)
        {
            await context.Response.WriteAsync(Problems.MultipartRequired).ConfigureAwait(false);
            return;
        }

        if (request.ContentLength > limit + FramingAllowance)
        {
            await context.Response.WriteAsync(Problems.FileTooLarge(limit)).ConfigureAwait(false);
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = limit + FramingAllowance;
        }

        var session = await context.GetUserSessionAsync().ConfigureAwait(false);
        try
        {
            await ReceiveAsync(context, session, new MultipartReader(boundary, request.Body), limit).ConfigureAwait(false);
        }
        catch (BadHttpRequestException exception)
        {
            await context.Response.WriteAsync(Problems.BodyRefused(exception.StatusCode)).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            await context.Response.WriteAsync(Problems.MalformedMultipart).ConfigureAwait(false);
        }
    }

    private static async Task ReceiveAsync(HttpContext context, UserSession session, MultipartReader reader, long limit)
    {
        for (var count = 0; count < MaxSections; count++)
        {
            if (await reader.ReadNextSectionAsync(context.RequestAborted).ConfigureAwait(false) is not { } section)
            {
                break;
            }

            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)
                || !string.Equals(HeaderUtilities.RemoveQuotes(disposition.Name).Value, "file", StringComparison.Ordinal)
                || !disposition.IsFileDisposition())
            {
                continue;
            }

            var name = (disposition.FileNameStar.HasValue ? disposition.FileNameStar : HeaderUtilities.RemoveQuotes(disposition.FileName)).Value ?? string.Empty;
            var upload = new FileUpload(name, section.ContentType ?? string.Empty, section.Body);
            var saved = await context.RequestServices.GetRequiredService<IFileStore>().SaveAsync(session, upload, context.RequestAborted).ConfigureAwait(false);
            await AnswerAsync(context, saved, limit).ConfigureAwait(false);
            return;
        }

        await context.Response.WriteAsync(Problems.FileFieldMissing).ConfigureAwait(false);
    }

    private static Task AnswerAsync(HttpContext context, FileSaveResult saved, long limit)
    {
        var response = context.Response;
        if (saved is { Status: FileSaveStatus.Saved, File: { } file })
        {
            var answer = FileResponse.Of(file, $"{context.Request.PathBase}{context.Request.Path}");
            response.Headers.Location = answer.Url;
            return response.WriteAsync(StatusCodes.Status201Created, answer, SessionRecoveryJsonContext.Default.FileResponse);
        }

        return response.WriteAsync(saved.Status switch
        {
            FileSaveStatus.Empty => Problems.FileEmpty,
            FileSaveStatus.TooLarge => Problems.FileTooLarge(limit),
            FileSaveStatus.UnsupportedType => Problems.FileTypeNotSupported,
            FileSaveStatus.TooMany => Problems.TooManyFiles,
            FileSaveStatus.Interrupted => Problems.UploadInterrupted,
            _ => Problems.FilesUnavailable,
        });
    }

    private static string? GetBoundary(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
        && HeaderUtilities.RemoveQuotes(type.Boundary) is { Length: > 0 and <= MaxBoundary } boundary
            ? boundary.ToString()
            : null;
}
