namespace SessionRecovery.AspNetCore.Tests.Hosting;

/// <summary>A temporary folder that is deleted after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private const int MaxAttempts = 10;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("session-recovery-tests-");

    public string Path => _folder.FullName;

    public string File(string name) => System.IO.Path.Combine(_folder.FullName, name);

    /// <remarks>Data Protection can still write a key in the background after its host has been disposed.</remarks>
    public void Dispose()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                _folder.Delete(recursive: true);
                return;
            }
            catch (IOException) when (attempt < MaxAttempts)
            {
                Thread.Yield();
            }
        }
    }
}
