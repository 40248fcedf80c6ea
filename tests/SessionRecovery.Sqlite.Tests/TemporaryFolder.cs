namespace SessionRecovery.Sqlite.Tests;

/// <summary>A temporary folder that is deleted after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private const string Prefix = "session-recovery-sqlite-";
    private const string Memory = "/dev/shm";

    private readonly DirectoryInfo _folder;

    public TemporaryFolder()
        : this(Directory.CreateTempSubdirectory(Prefix))
    {
    }

    private TemporaryFolder(DirectoryInfo folder) => _folder = folder;

    public string Database => File("credits.db");

    public string ConnectionString => $"Data Source={Database}";

    /// <summary>Creates a folder in memory if the system has such folders, for tests that write often and do not test a crash.</summary>
    public static TemporaryFolder CreateInMemory() => Directory.Exists(Memory)
        ? new TemporaryFolder(Directory.CreateDirectory(Path.Combine(Memory, Prefix + Guid.NewGuid().ToString("N"))))
        : new TemporaryFolder();

    public string File(string name) => Path.Combine(_folder.FullName, name);

    public string[] Names() => [.. _folder.EnumerateFileSystemInfos().Select(entry => entry.Name).Order(StringComparer.Ordinal)];

    public void Dispose() => _folder.Delete(recursive: true);
}
