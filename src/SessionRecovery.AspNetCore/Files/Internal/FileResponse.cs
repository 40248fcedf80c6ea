using SessionRecovery.Files;

namespace SessionRecovery.AspNetCore.Files.Internal;

internal sealed record FileResponse(string Name, long Size, string Sha256, string ContentType, string Url, DateTimeOffset CreatedAt)
{
    public static FileResponse Of(StoredFile file, string address) =>
        new(file.Name, file.Size, file.Sha256, file.ContentType, $"{address}/{file.Name}", file.CreatedAt);
}
