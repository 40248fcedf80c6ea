namespace SessionRecovery.AspNetCore.Files.Internal;

internal sealed record FilesAnswer(IReadOnlyList<FileAnswer> Files);
