namespace SessionRecovery.Sqlite.Tests;

/// <summary>A temporary folder that is deleted after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("session-recovery-sqlite-");

    public string Database => File("credits.db");

    public string ConnectionString => $"Data Source={Database}";

    public string File(string name) => Path.Combine(_folder.FullName, name);

    public string[] Names() => [.. _folder.EnumerateFileSystemInfos().Select(entry => entry.Name).Order(StringComparer.Ordinal)];

    public void Dispose() => _folder.Delete(recursive: true);
}
