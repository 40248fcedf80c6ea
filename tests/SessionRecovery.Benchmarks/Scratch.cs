namespace SessionRecovery.Benchmarks;

/// <summary>A temporary folder for databases, which is deleted when the object is disposed.</summary>
internal sealed class Scratch : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("session-recovery-benchmarks-").FullName;

    public string File(string name) => Path.Combine(_path, name);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
