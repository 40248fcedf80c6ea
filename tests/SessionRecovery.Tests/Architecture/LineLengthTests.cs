using System.Globalization;
using FluentAssertions;
using NUnit.Framework;

namespace SessionRecovery.Tests.Architecture;

/// <summary>Limits the length of lines in source files and of table rows in Markdown files.</summary>
[TestFixture]
internal sealed class LineLengthTests
{
    private const int MaxSourceLine = 140;
    private const int MaxTableLine = 200;

    private static readonly string[] SourceExtensions = [".cs", ".js", ".jsx", ".mjs", ".sql"];

    /// <summary>Folders that builds, package managers, tests and development tools create.</summary>
    private static readonly string[] GeneratedFolders =
    [
        ".git", ".idea", ".vs", ".vscode", "artifacts", "BenchmarkDotNet.Artifacts", "bin", "node_modules", "obj", "studio-data",
        "TestResults",
    ];

    /// <summary>
    /// These paths are relative to the root of the repository. The recordings contain one complete HTTP message per line.
    /// </summary>
    private static readonly string[] DataFolders = ["tests/recordings"];

    [Test]
    public void Source_lines_have_at_most_140_columns()
    {
        var files = GetFiles(SourceExtensions).ToList();

        files.Should().HaveCountGreaterThan(500, "the walk must reach the source files");
        files.SelectMany(static file => GetLongLines(file, MaxSourceLine, static _ => true)).Should().BeEmpty();
    }

    [Test]
    public void Markdown_table_lines_have_at_most_200_columns()
    {
        var files = GetFiles([".md"]).ToList();

        files.Should().HaveCountGreaterThan(10, "the walk must reach the pages");
        files.SelectMany(static file => GetLongLines(file, MaxTableLine, static line => line.TrimStart().StartsWith('|')))
            .Should().BeEmpty();
    }

    private static IEnumerable<string> GetLongLines(string file, int limit, Func<string, bool> isLimited) =>
        from line in File.ReadLines(file).Select(static (text, index) => (Text: text, Number: index + 1))
        where line.Text.Length > limit && isLimited(line.Text)
        select string.Create(
            CultureInfo.InvariantCulture,
            $"{GetRelativePath(file)}:{line.Number} has {line.Text.Length} columns; the limit is {limit}");

    private static IEnumerable<string> GetFiles(string[] extensions) =>
        GetFolders(RepositoryRoot.Path)
            .SelectMany(Directory.EnumerateFiles)
            .Where(file => extensions.Contains(Path.GetExtension(file), StringComparer.Ordinal));

    private static IEnumerable<string> GetFolders(string folder) =>
        Directory.EnumerateDirectories(folder)
            .Where(static child => !GeneratedFolders.Contains(Path.GetFileName(child), StringComparer.Ordinal)
                && !DataFolders.Contains(GetRelativePath(child), StringComparer.Ordinal))
            .SelectMany(GetFolders)
            .Prepend(folder);

    private static string GetRelativePath(string path) => Path.GetRelativePath(RepositoryRoot.Path, path).Replace('\\', '/');
}
