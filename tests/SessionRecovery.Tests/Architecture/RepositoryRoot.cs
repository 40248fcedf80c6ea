namespace SessionRecovery.Tests.Architecture;

/// <summary>Finds the repository folder from which the tests were built.</summary>
internal static class RepositoryRoot
{
    /// <summary>Gets the absolute path of the folder that contains <c>SessionRecovery.sln</c>.</summary>
    public static string Path { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "SessionRecovery.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException(
            "The tests must run from a checkout: SessionRecovery.sln was not found above the test assembly.");
    }
}
