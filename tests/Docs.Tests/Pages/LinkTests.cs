using System.Text.RegularExpressions;
using FluentAssertions;
using NUnit.Framework;

namespace Docs.Tests.Pages;

[TestFixture]
internal sealed partial class LinkTests
{
    private static IEnumerable<string> Pages => Repository.Pages;

    [TestCaseSource(nameof(Pages))]
    public void Relative_links_lead_to_a_file_and_a_heading(string page) =>
        FindLinks(page).Select(link => FindFault(page, link)).OfType<string>().Should().BeEmpty();

    [Test]
    public void The_index_lists_every_page_of_the_documentation()
    {
        var listed = FindLinks("docs/README.md").Select(static link => $"docs/{link}");

        Repository.Pages.Where(static page => page.StartsWith("docs/", StringComparison.Ordinal) && page != "docs/README.md")
            .Should().BeSubsetOf(listed);
    }

    private static IEnumerable<string> FindLinks(string page) =>
        from line in Repository.ReadProse(page)
        from Match match in Link().Matches(line.Text)
        let target = match.Groups[1].Value
        where !target.Contains("://", StringComparison.Ordinal)
        select target;

    private static string? FindFault(string page, string link)
    {
        var parts = link.Split('#', 2);
        var target = parts[0].Length == 0
            ? page
            : Path.GetRelativePath(Repository.Root, Path.Combine(Repository.Root, Path.GetDirectoryName(page)!, parts[0]));
        if (!Repository.Exists(target))
        {
            return $"{link}: no such file";
        }

        return parts.Length == 2 && !FindAnchors(target).Contains(parts[1]) ? $"{link}: no such heading" : null;
    }

    private static HashSet<string> FindAnchors(string page) =>
        Repository.ReadProse(page).Where(static line => line.Text.StartsWith('#')).Select(static line => ToAnchor(line.Text)).ToHashSet();

    // Creates the anchor of a heading as GitHub does: in lower case, without punctuation, and with hyphens instead of spaces.
    private static string ToAnchor(string heading) =>
        NotInAnchor().Replace(heading.TrimStart('#').Trim().ToLowerInvariant(), string.Empty).Replace(' ', '-');

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"[^\p{L}\p{N}\-_ ]")]
    private static partial Regex NotInAnchor();
}
