namespace RestartDrill.Server;

/// <summary>The folder of the server during one drill. Disposing deletes it.</summary>
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
