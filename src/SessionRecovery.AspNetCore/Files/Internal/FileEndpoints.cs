using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.AspNetCore.KeyRing.Internal;
using SessionRecovery.AspNetCore.Sessions.Internal;
using SessionRecovery.Files;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Files.Internal;

/// <summary>
/// Lists, serves, links and deletes the files of the current user. A request for another user's file gets status 404, like a request for a
/// missing file.
/// </summary>
internal static class FileEndpoints
{
    public static EndpointDescription List { get; } = new(
        "ListFiles",
        "/uploads",
        "Files",
        "Lists the user's files.",
        Problems.Unauthenticated,
        Problems.InvalidToken,
        Problems.FilesUnavailable);

    public static EndpointDescription Download { get; } = new(
        "DownloadFile",
        "/uploads/{name}",
        "Files",
        "Downloads one of the user's files, also in ranges.",
        Problems.Unauthenticated,
        Problems.InvalidToken,
        Problems.FileNotFound,
        Problems.FileLost,
        Problems.FilesUnavailable) { Statuses = FileDownload.Statuses };

    public static EndpointDescription DownloadByLink { get; } = new(
        "DownloadFileByLink",
        "/uploads/{name}/content",
        "Files",
        "Downloads a file with a signed link.",
        Problems.LinkInvalid,
        Problems.SignInUnavailable,
        Problems.FileNotFound,
        Problems.FileLost,
        Problems.FilesUnavailable) { Statuses = FileDownload.Statuses };

    public static EndpointDescription Link { get; } = new(
        "CreateFileLink",
        "/uploads/{name}/links",
        "Files",
        "Creates a signed link to one of the user's files.",
        Problems.CustomHeaderRequired,
        Problems.Unauthenticated,
        Problems.InvalidToken,
        Problems.FileNotFound,
        Problems.FileLost,
        Problems.FilesUnavailable);

    public static EndpointDescription Delete { get; } = new(
        "DeleteFile",
        "/uploads/{name}",
        "Files",
        "Deletes one of the user's files.",
        Problems.CustomHeaderRequired,
        Problems.Unauthenticated,
        Problems.InvalidToken,
        Problems.FileNotFound,
        Problems.FilesUnavailable);

    public static async Task<Results<JsonResult<FileListResponse>, Problem>> ListAsync(
        HttpContext context,
        [FromServices] IFileStore store,
        [FromServices] SessionReader sessions,
        [FromServices] ILogger<IFileStore> logger,
        CancellationToken cancellationToken)
    {
        var session = await sessions.GetFileSessionAsync(context).ConfigureAwait(false);
        var address = FileAddress.GetList(context.Request);
        try
        {
            var files = await store.ListAsync(session, cancellationToken).ConfigureAwait(false);
            return new JsonResult<FileListResponse>(new(files.Select(file => FileResponse.Create(file, address)).ToList()));
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            logger.FilesUnavailable(exception);
            return Problems.FilesUnavailable;
        }
    }

    public static async Task<IResult> DownloadAsync(
        HttpContext context,
        string name,
        [FromServices] IFileStore store,
        [FromServices] SessionReader sessions,
        [FromServices] FileMetrics metrics)
    {
        var session = await sessions.GetFileSessionAsync(context).ConfigureAwait(false);
        return await FileDownload.OpenAsync(store, metrics, context, session, name, sha256: null).ConfigureAwait(false);
    }

    /// <summary>Serves a file to a request with a signed link. No other endpoint serves a file to an anonymous request.</summary>
    public static async Task<IResult> DownloadByLinkAsync(
        HttpContext context,
        string name,
        [FromQuery] string[]? link,
        [FromServices] FileLinks links,
        [FromServices] IFileStore store,
        [FromServices] FileMetrics metrics)
    {
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        if (link is not [var text] || !links.TryOpen(text, name, out var owner, out var sha256))
        {
            if (KeyRingOutage.IsIn(context))
            {
                return Problems.SignInUnavailable;
            }

            metrics.FileServed("refused");
            return Problems.LinkInvalid;
        }

        // A page on another origin may embed the file, because the signed link grants access to it.
        context.Response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        return await FileDownload.OpenAsync(store, metrics, context, UserSession.AsServer(owner), name, sha256).ConfigureAwait(false);
    }

    public static async Task<Results<JsonResult<FileLinkResponse>, Problem>> LinkAsync(
        HttpContext context,
        string name,
        [FromServices] IFileStore store,
        [FromServices] SessionReader sessions,
        [FromServices] FileLinks links,
        CancellationToken cancellationToken)
    {
        var session = await sessions.GetFileSessionAsync(context).ConfigureAwait(false);
        var opened = await store.OpenAsync(session, name, cancellationToken).ConfigureAwait(false);
        if (opened is not { Status: FileOpenStatus.Found, File: { } file, Content: { } content })
        {
            return FileDownload.ToProblem(opened.Status);
        }

        await content.DisposeAsync().ConfigureAwait(false);
        try
        {
            var (link, expiresAt) = links.Create(session.User, file);
            var url = $"{FileAddress.GetContent(context.Request)}?link={Uri.EscapeDataString(link)}";
            return new JsonResult<FileLinkResponse>(new(url, expiresAt));
        }
        catch (CryptographicException) when (KeyRingOutage.IsIn(context))
        {
            return Problems.SignInUnavailable;
        }
    }

    public static async Task<Results<NoContent, Problem>> DeleteAsync(
        HttpContext context,
        string name,
        [FromServices] IFileStore store,
        [FromServices] SessionReader sessions,
        [FromServices] ILogger<IFileStore> logger,
        CancellationToken cancellationToken)
    {
        var session = await sessions.GetFileSessionAsync(context).ConfigureAwait(false);
        try
        {
            return await store.DeleteAsync(session, name, cancellationToken).ConfigureAwait(false)
                ? TypedResults.NoContent()
                : Problems.FileNotFound;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            logger.FilesUnavailable(exception);
            return Problems.FilesUnavailable;
        }
    }
}
