using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.Files;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Files.Internal;

/// <summary>
/// Serves one file with support for ranges and an ETag. The response has headers that prevent a browser from running the file as script.
/// </summary>
internal static class FileDownload
{
    public static readonly int[] Statuses =
    [
        StatusCodes.Status200OK,
        StatusCodes.Status206PartialContent,
        StatusCodes.Status304NotModified,
        StatusCodes.Status416RangeNotSatisfiable,
    ];

    /// <summary>Returns the file, or a problem result if the file cannot be served.</summary>
    /// <param name="store">The file store.</param>
    /// <param name="metrics">The metrics that count the request.</param>
    /// <param name="context">The HTTP context of the request.</param>
    /// <param name="session">The session of the file's owner.</param>
    /// <param name="name">The store's name of the file.</param>
    /// <param name="sha256">
    /// The hash of the content to which a signed link is bound; <see langword="null"/> if the owner makes the request.
    /// </param>
    public static async Task<IResult> OpenAsync(
        IFileStore store, FileMetrics metrics, HttpContext context, UserSession session, string name, string? sha256)
    {
        var opened = await store.OpenAsync(session, name, context.RequestAborted).ConfigureAwait(false);
        if (opened is not { Status: FileOpenStatus.Found, File: { } file, Content: { } content })
        {
            metrics.FileServed(ToOutcome(opened.Status));
            return ToProblem(opened.Status);
        }

        if (sha256 is not null && !string.Equals(sha256, file.Sha256, StringComparison.Ordinal))
        {
            await content.DisposeAsync().ConfigureAwait(false);
            metrics.FileServed("refused");
            return Problems.LinkInvalid;
        }

        metrics.FileServed("served");
        FileHeaders.Write(context.Response.Headers, file);
        return TypedResults.File(
            content,
            file.ContentType,
            lastModified: file.CreatedAt,
            entityTag: new EntityTagHeaderValue($"\"{file.Sha256}\""),
            enableRangeProcessing: true);
    }

    public static Problem ToProblem(FileOpenStatus status) => status switch
    {
        FileOpenStatus.NotFound => Problems.FileNotFound,
        FileOpenStatus.Lost => Problems.FileLost,
        _ => Problems.FilesUnavailable,
    };

    private static string ToOutcome(FileOpenStatus status) => status switch
    {
        FileOpenStatus.NotFound => "missing",
        FileOpenStatus.Lost => "lost",
        _ => "unavailable",
    };
}
