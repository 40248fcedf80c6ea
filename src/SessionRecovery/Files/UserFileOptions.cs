namespace SessionRecovery.Files;

/// <summary>Limits of the users' files. Bound from <c>SessionRecovery:Files</c>.</summary>
public sealed class UserFileOptions
{
    /// <summary>The folder that keeps the bytes: absolute, on a disk that survives a deploy. Set by <c>AddLocalFiles(folder)</c>.</summary>
    public string Folder { get; set; } = string.Empty;

    /// <summary>The largest file, in bytes. 1 to 10 GiB; 50 MiB by default.</summary>
    public long MaxSize { get; set; } = 50L * 1024 * 1024;

    /// <summary>The most files of one user. 1 to 100,000; 200 by default.</summary>
    public int MaxFiles { get; set; } = 200;

    /// <summary>How long a signed link works. 1 min to 24 h; 15 min by default.</summary>
    public TimeSpan LinkLifetime { get; set; } = TimeSpan.FromMinutes(15);
}
