namespace Docs.Tests.Pages;

/// <summary>Reads the documentation pages of the repository from which the tests were built.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Gets the paths of all documentation pages, relative to the root of the repository.</summary>
    public static IReadOnlyList<string> Pages { get; } =
    [
        .. new[] { "README.md", "CHANGELOG.md", "CONTRIBUTING.md" },
        .. Find("docs", "*.md"),
        .. Find("src", "README.md"),
        .. Find("samples", "README.md"),
    ];

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path)).TrimStart('\uFEFF').ReplaceLineEndings("\n");

    public static void Write(string path, string text) => File.WriteAllText(Path.Combine(Root, path), text);

    public static bool Exists(string path) => Path.Exists(Path.Combine(Root, path));

    /// <summary>Returns the lines of a page that are not in a code block, with their line numbers.</summary>
    public static IEnumerable<(int Number, string Text)> ReadProse(string path)
    {
        var isCode = false;
        foreach (var (index, line) in Read(path).Split('\n').Index())
        {
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                isCode = !isCode;
            }
            else if (!isCode)
            {
                yield return (index + 1, line);
            }
        }
    }

    private static IEnumerable<string> Find(string folder, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(static path => !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "SessionRecovery.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside of the repository.");
        }

        return folder.FullName;
    }
}
