using System.Text.RegularExpressions;
using FluentAssertions;
using NUnit.Framework;

namespace SessionRecovery.Tests.Architecture;

/// <summary>Compares the dependencies between the folders of each package with a table of allowed dependencies.</summary>
[TestFixture]
internal sealed partial class FolderArrowTests
{
    private const string Root = "(root)";

    // Each row lists a folder and the folders on which it may depend. A dependency that is not listed is not allowed.
    private static readonly Dictionary<string, Dictionary<string, string[]>> Allowed = new()
    {
        ["SessionRecovery"] = new()
        {
            ["Diagnostics"] = [],
            ["Hosting"] = [],
            ["Resilience"] = [],
            ["Sessions"] = [],
            ["Credits"] = ["Sessions", "Resilience", "Diagnostics"],
            ["Health"] = ["Credits", "Sessions", "Resilience"],
            ["Recovery"] = ["Health", "Credits", "Sessions", "Resilience", "Diagnostics"],
            ["Warming"] = ["Credits", "Sessions", "Diagnostics"],
            ["Files"] = ["Sessions"],
            ["KeyRing"] = [],
            ["DependencyInjection"] = ["Recovery", "Warming", "Files", "Health", "Credits", "Sessions"],
        },
        ["SessionRecovery.AspNetCore"] = new()
        {
            ["Hosting"] = [],
            ["Http"] = [],
            ["Warming"] = [],
            ["Browser"] = ["Http"],
            ["Sessions"] = ["Http"],
            ["Credits"] = ["Sessions", "Http"],
            ["KeyRing"] = [],
            ["Files"] = ["Sessions", "KeyRing", "Http"],
            ["Health"] = ["Sessions", "Http"],
            ["Recovery"] = ["Credits", "Sessions", "Http"],
            ["Setup"] = ["Recovery", "Health", "Files", "Credits", "Sessions", "KeyRing", "Hosting", "Http"],
            [Root] = ["Credits", "Sessions"],
            ["Builder"] = [Root, "Recovery", "Health", "Files", "Credits", "Browser", "Sessions", "Http"],
            ["DependencyInjection"] = [Root, "Setup", "Warming", "Files", "Credits", "Sessions", "KeyRing", "Hosting", "Http"],
        },
        ["SessionRecovery.Sqlite"] = new()
        {
            [Root] = [],
            ["Storage"] = [],
            ["Credits"] = ["Storage"],
            ["Files"] = ["Storage"],
            ["KeyRing"] = ["Storage"],
            ["Health"] = ["Storage"],
            ["Warming"] = ["Credits", "Storage"],
            ["Hosting"] = ["Credits", "Storage"],
            ["DependencyInjection"] = [Root, "Hosting", "Warming", "Health", "Files", "KeyRing", "Credits", "Storage"],
        },
        ["SessionRecovery.Supabase"] = new()
        {
            [Root] = [],
            ["Http"] = [],
            ["Diagnostics"] = ["Http"],
            ["Credits"] = ["Diagnostics", "Http"],
            ["Files"] = ["Diagnostics", "Http"],
            ["Health"] = ["Http"],
            ["KeyRing"] = ["Http"],
            ["Sessions"] = ["Diagnostics", "Http"],
            ["Warming"] = ["Credits", "Diagnostics", "Http"],
            ["Setup"] = ["Files", "Credits", "Diagnostics", "Http"],
            ["DependencyInjection"] = [Root, "Setup", "Warming", "Sessions", "Health", "KeyRing", "Files", "Credits", "Http"],
        },
        ["SessionRecovery.Supabase.AspNetCore"] = new()
        {
            [Root] = [],
            ["SigningKeys"] = [],
            ["Tokens"] = ["SigningKeys"],
            ["Authentication"] = ["Tokens", "SigningKeys"],
            ["DependencyInjection"] = [Root, "Authentication", "Tokens", "SigningKeys"],
        },
    };

    private static readonly string Source = Path.Combine(RepositoryRoot.Path, "src");

    private static IEnumerable<string> Packages => Allowed.Keys;

    [TestCaseSource(nameof(Packages))]
    public void Folders_depend_only_on_what_the_table_allows(string package)
    {
        var table = Allowed[package];
        var arrows = FindArrows(package);

        arrows.Select(arrow => arrow.From).Should().BeSubsetOf(table.Keys, "every folder has a row");
        arrows.Where(arrow => !table[arrow.From].Contains(arrow.To)).Should().BeEmpty();
    }

    [TestCaseSource(nameof(Packages))]
    public void The_table_lists_no_arrow_that_is_not_used(string package)
    {
        var arrows = FindArrows(package).Select(arrow => $"{arrow.From} -> {arrow.To}").ToHashSet();

        Allowed[package].SelectMany(row => row.Value.Select(to => $"{row.Key} -> {to}")).Except(arrows).Should().BeEmpty();
    }

    [TestCaseSource(nameof(Packages))]
    public void The_table_has_no_cycle(string package)
    {
        var table = Allowed[package].ToDictionary(row => row.Key, row => row.Value.ToHashSet());
        while (table.Where(row => row.Value.Count == 0).Select(row => row.Key).ToList() is { Count: > 0 } leaves)
        {
            leaves.ForEach(leaf => table.Remove(leaf));
            foreach (var row in table.Values)
            {
                row.ExceptWith(leaves);
            }
        }

        table.Keys.Should().BeEmpty();
    }

    [Test]
    public void Every_package_has_a_table() =>
        Directory.EnumerateDirectories(Source, "SessionRecovery*").Select(Path.GetFileName)
            .Except(["SessionRecovery.Testing"]).Should().BeEquivalentTo(Allowed.Keys);

    [Test]
    public void Namespaces_follow_folders()
    {
        foreach (var (package, file) in Allowed.Keys.SelectMany(package => Files(package).Select(file => (package, file))))
        {
            var declared = NamespaceLine().Match(File.ReadAllText(file)).Groups[1].Value;
            var folder = Path.GetRelativePath(Path.Combine(Source, package), Path.GetDirectoryName(file)!)
                .Replace(Path.DirectorySeparatorChar, '.');
            var expected = folder == "." ? package : $"{package}.{folder}";

            // Extension methods are declared in the namespaces of the types that they extend.
            if (!declared.StartsWith("Microsoft.", StringComparison.Ordinal))
            {
                declared.Should().Be(expected, "of {0}", file);
            }
        }
    }

    private static List<(string From, string To, string File)> FindArrows(string package) =>
        [.. FindUsings(package), .. FindExtensionCalls(package)];

    private static List<(string From, string To, string File)> FindUsings(string package) =>
    [
        .. from file in Files(package)
           let folder = GetFolder(package, Path.GetRelativePath(Path.Combine(Source, package), file))
           from Match line in UsingLine().Matches(File.ReadAllText(file))
           let used = line.Groups[1].Value
           where used == package || used.StartsWith(package + ".", StringComparison.Ordinal)
           where !Allowed.Keys.Any(other => other.Length > package.Length
               && (used == other || used.StartsWith(other + ".", StringComparison.Ordinal)))
           let to = GetFolder(package, used[package.Length..].TrimStart('.').Replace('.', '/') + "/x")
           where to != folder && to != "Shared"
           select (folder, to, Path.GetFileName(file)),
    ];

    // Calling an extension method in a Microsoft namespace needs no using directive for its folder, so the test finds such calls by the
    // method name.
    private static List<(string From, string To, string File)> FindExtensionCalls(string package)
    {
        var files = Files(package).Select(file => (
            Folder: GetFolder(package, Path.GetRelativePath(Path.Combine(Source, package), file)),
            Name: Path.GetFileName(file),
            Text: CommentOrText().Replace(File.ReadAllText(file), string.Empty))).ToList();
        var extensions = from file in files
                         where NamespaceLine().Match(file.Text).Groups[1].Value.StartsWith("Microsoft.", StringComparison.Ordinal)
                         from Match method in ExtensionMethod().Matches(file.Text)
                         select (file.Folder, Name: method.Groups[1].Value);
        return
        [
            .. from extension in extensions.Distinct().ToList()
               from file in files
               where file.Folder != extension.Folder && Regex.IsMatch(file.Text, $@"\.{extension.Name}\s*[<(]")
               select (file.Folder, extension.Folder, file.Name),
        ];
    }

    private static string GetFolder(string package, string path)
    {
        var parts = path.Replace('\\', '/').TrimStart('/').Split('/');
        return parts.Length == 1 ? Root : parts[0];
    }

    private static IEnumerable<string> Files(string package) =>
        Directory.EnumerateFiles(Path.Combine(Source, package), "*.cs", SearchOption.AllDirectories)
            .Where(static file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
                && !file.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    [GeneratedRegex(@"^(?:global )?using (?:static |\w+ = )?([A-Za-z.]+)[;<]", RegexOptions.Multiline)]
    private static partial Regex UsingLine();

    [GeneratedRegex(@"^namespace ([A-Za-z.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^\s*//.*$|""(?:[^""\\\n]|\\.)*""", RegexOptions.Multiline)]
    private static partial Regex CommentOrText();

    [GeneratedRegex(@"(\w+)(?:<[^<>()]*>)?\(\s*this ")]
    private static partial Regex ExtensionMethod();
}
