namespace SessionRecovery.Files;

/// <summary>Options for the files of users. The values come from the configuration section <c>SessionRecovery:Files</c>.</summary>
public sealed class UserFileOptions
{
    /// <summary>
    /// Gets or sets the folder in which files are stored. The value must be an absolute path on a disk that survives a deployment.
    /// <c>AddLocalFiles(folder)</c> sets this property. A remote file store uses the folder for temporary files.
    /// </summary>
    public string Folder { get; set; } = string.Empty;

    /// <summary>Gets or sets the maximum size of a file in bytes. The default is 50 MiB; valid values are 1 to 10 GiB.</summary>
    public long MaxSize { get; set; } = 50L * 1024 * 1024;

    /// <summary>Gets or sets the maximum number of files of one user. The default is 200; valid values are 1 to 100,000.</summary>
    public int MaxFiles { get; set; } = 200;

    /// <summary>
    /// Gets the content types that are accepted in addition to <see cref="FileUpload.DefaultContentTypes"/>, for example <c>video/mp4</c>
    /// or <c>application/pdf</c>. The content types must have no parameters. The default is empty. A file whose type can contain scripts,
    /// such as <c>text/html</c>, is served with headers that prevent the scripts from running.
    /// </summary>
    public IList<string> AllowedContentTypes { get; } = [];

    /// <summary>Gets or sets the lifetime of a signed link. The default is 15 minutes; valid values are 1 minute to 24 hours.</summary>
    public TimeSpan LinkLifetime { get; set; } = TimeSpan.FromMinutes(15);
}
