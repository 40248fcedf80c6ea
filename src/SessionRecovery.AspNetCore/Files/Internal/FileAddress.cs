using Microsoft.AspNetCore.Http;

namespace SessionRecovery.AspNetCore.Files.Internal;

/// <summary>
/// Creates the URLs of files from the URL of the current request. The URLs keep the host's route prefix and the escaped values of its route
/// parameters.
/// </summary>
internal static class FileAddress
{
    private const string LinksSuffix = "/links";

    /// <summary>Returns the URL of the file list. The current request must be a request for the file list.</summary>
    public static string GetList(HttpRequest request) => Get(request);

    /// <summary>Returns the URL of a file's content. The current request must be a request that creates a link to the file.</summary>
    public static string GetContent(HttpRequest request) => $"{Get(request)[..^LinksSuffix.Length]}/content";

    private static string Get(HttpRequest request) => request.PathBase.Add(request.Path).ToUriComponent().TrimEnd('/');
}
