using Microsoft.AspNetCore.Http;

namespace SessionRecovery.AspNetCore.Files.Internal;

/// <summary>
/// The addresses of files, made from the address of the request: below the host's prefix, with the values of its route parameters, escaped.
/// </summary>
internal static class FileAddress
{
    private const string LinksSuffix = "/links";

    /// <summary>Returns the address of all files, for a request to it.</summary>
    public static string GetList(HttpRequest request) => Get(request);

    /// <summary>Returns the address of the content, for a request to the links of a file.</summary>
    public static string GetContent(HttpRequest request) => $"{Get(request)[..^LinksSuffix.Length]}/content";

    private static string Get(HttpRequest request) => request.PathBase.Add(request.Path).ToUriComponent().TrimEnd('/');
}
