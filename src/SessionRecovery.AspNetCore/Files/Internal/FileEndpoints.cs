using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;
using SessionRecovery.AspNetCore.Diagnostics.Internal;
using SessionRecovery.AspNetCore.Http.Internal;
using SessionRecovery.AspNetCore.Sessions;
using SessionRecovery.Files;
using SessionRecovery.Sessions;

namespace SessionRecovery.AspNetCore.Files.Internal;

/// <summary>The user's own files: list, serve, link, delete. A foreign file is a 404 like a missing one.</summary>
internal static class FileEndpoints
{
    private const string LinksSuffix = "/links";

    public static async Task ListAsync(HttpContext context)
    {
        var session = await context.GetUserSessionAsync().ConfigureAwait(false);
        var address = $"{context.Request.PathBase}{context.Request.Path}".TrimEnd('/');
        if (await TryAsync(context, store => store.ListAsync(session, context.RequestAborted)).ConfigureAwait(false) is not (true, { } files))
        {
            await context.Response.WriteAsync(Problems.FilesUnavailable).ConfigureAwait(false);
            return;
        }

        var answer = new FileListResponse(files.Select(file => FileResponse.Of(file, address)).ToList());
        await context.Response.WriteAsync(StatusCodes.Status200OK, answer, SessionRecoveryJsonContext.Default.FileListResponse).ConfigureAwait(false);
    }

    public static async Task DownloadAsync(HttpContext context)
    {
        var session = await context.GetUserSessionAsync().ConfigureAwait(false);
        await ServeAsync(context, session, sha256: null).ConfigureAwait(false);
    }

    /// <summary>The only anonymous way to a file: a signed link.</summary>
    public static async Task DownloadByLinkAsync(HttpContext context)
    {
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        var link = context.Request.Query["link"];
        if (link.Count != 1
            || !context.RequestServices.GetRequiredService<FileLinks>().TryOpen(link[0], ToName(context), out var owner, out var sha256))
        {
            GetMetrics(context).FileServed("refused");
            await context.Response.WriteAsync(Problems.LinkInvalid).ConfigureAwait(false);
            return;
        }

        // The link is the permission, so a page on another origin may embed what it names.
        context.Response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        await ServeAsync(context, UserSession.AsServer(owner), sha256).ConfigureAwait(false);
    }

    public static async Task LinkAsync(HttpContext context)
    {
        var session = await context.GetUserSessionAsync().ConfigureAwait(false);
        var name = ToName(context);
        var reading = await GetStore(context).OpenAsync(session, name, context.RequestAborted).ConfigureAwait(false);
        if (reading is not { Status: FileOpenStatus.Found, File: { } file, Content: { } content })
        {
            await context.Response.WriteAsync(ToProblem(reading.Status)).ConfigureAwait(false);
            return;
        }

        await content.DisposeAsync().ConfigureAwait(false);
        var (link, expiresAt) = context.RequestServices.GetRequiredService<FileLinks>().Create(session.User, file);
        var path = context.Request.Path.Value!;
        var url = $"{context.Request.PathBase}{path[..^LinksSuffix.Length]}/content?link={Uri.EscapeDataString(link)}";
        await context.Response.WriteAsync(StatusCodes.Status200OK, new FileLinkResponse(url, expiresAt), SessionRecoveryJsonContext.Default.FileLinkResponse).ConfigureAwait(false);
    }

    public static async Task DeleteAsync(HttpContext context)
    {
        var session = await context.GetUserSessionAsync().ConfigureAwait(false);
        var (answered, deleted) = await TryAsync(context, store => store.DeleteAsync(session, ToName(context), context.RequestAborted)).ConfigureAwait(false);
        if (deleted)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        await context.Response.WriteAsync(answered ? Problems.FileNotFound : Problems.FilesUnavailable).ConfigureAwait(false);
    }

    // An outage of the store is an answer to the client; an exception would be a 500 that says nothing.
    private static async Task<(bool Answered, T? Value)> TryAsync<T>(HttpContext context, Func<IFileStore, ValueTask<T>> ask)
    {
        try
        {
            return (true, await ask(GetStore(context)).ConfigureAwait(false));
        }
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(FileEndpoints)).FilesUnavailable(exception.GetType().Name);
            return (false, default);
        }
    }

    private static async Task ServeAsync(HttpContext context, UserSession session, string? sha256)
    {
        var reading = await GetStore(context).OpenAsync(session, ToName(context), context.RequestAborted).ConfigureAwait(false);
        if (reading is not { Status: FileOpenStatus.Found, File: { } file, Content: { } content })
        {
            GetMetrics(context).FileServed(ToOutcome(reading.Status));
            await context.Response.WriteAsync(ToProblem(reading.Status)).ConfigureAwait(false);
            return;
        }

        if (sha256 is not null && !string.Equals(sha256, file.Sha256, StringComparison.Ordinal))
        {
            await content.DisposeAsync().ConfigureAwait(false);
            GetMetrics(context).FileServed("refused");
            await context.Response.WriteAsync(Problems.LinkInvalid).ConfigureAwait(false);
            return;
        }

        GetMetrics(context).FileServed("served");
        var headers = context.Response.Headers;
        headers.CacheControl = "private, no-cache";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        headers.ContentDisposition = $"inline; filename=\"{file.Name}\"";
        await TypedResults.File(
            content,
            file.ContentType,
            lastModified: file.CreatedAt,
            entityTag: new EntityTagHeaderValue($"\"{file.Sha256}\""),
            enableRangeProcessing: true).ExecuteAsync(context).ConfigureAwait(false);
    }

    private static IFileStore GetStore(HttpContext context) => context.RequestServices.GetRequiredService<IFileStore>();

    private static WebMetrics GetMetrics(HttpContext context) => context.RequestServices.GetRequiredService<WebMetrics>();

    private static string ToName(HttpContext context) => context.Request.RouteValues["name"] as string ?? string.Empty;

    private static string ToOutcome(FileOpenStatus status) => status switch
    {
        FileOpenStatus.NotFound => "missing",
        FileOpenStatus.Lost => "lost",
        _ => "unavailable",
    };

    private static Problem ToProblem(FileOpenStatus status) => status switch
    {
        FileOpenStatus.NotFound => Problems.FileNotFound,
        FileOpenStatus.Lost => Problems.FileLost,
        _ => Problems.FilesUnavailable,
    };
}
