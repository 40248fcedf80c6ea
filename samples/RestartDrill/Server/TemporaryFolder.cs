namespace RestartDrill.Server;

/// <summary>Represents the folder of the server during one drill. Disposing the object deletes the folder.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("restart-drill-").FullName;

    public string Database => System.IO.Path.Combine(Path, "studio.db");

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"The folder {Path} could not be deleted: {exception.Message}");
        }
    }
}
