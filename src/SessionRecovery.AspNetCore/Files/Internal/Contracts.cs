using SessionRecovery.Files;

namespace SessionRecovery.AspNetCore.Files.Internal;

/// <summary>
/// Represents a file in HTTP responses. The display name is the file name that the user chose. If the user chose no name, the display name
/// is the name that the store chose.
/// </summary>
internal sealed record FileResponse(
    string Name, string DisplayName, long Size, string Sha256, string ContentType, string Url, DateTimeOffset CreatedAt)
{
    public static FileResponse Create(StoredFile file, string address) => new(
        file.Name,
        file.DisplayName.Length > 0 ? file.DisplayName : file.Name,
        file.Size,
        file.Sha256,
        file.ContentType,
        $"{address}/{file.Name}",
        file.CreatedAt);
}

/// <summary>The response of <c>GET /uploads</c>.</summary>
internal sealed record FileListResponse(IReadOnlyList<FileResponse> Files);

/// <summary>Represents the response of <c>POST /uploads/{name}/links</c>.</summary>
internal sealed record FileLinkResponse(string Url, DateTimeOffset ExpiresAt);
