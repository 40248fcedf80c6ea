namespace SessionRecovery.AspNetCore.Files.Internal;

internal sealed record FileListResponse(IReadOnlyList<FileResponse> Files);
