using System.Text.RegularExpressions;
using FluentAssertions;
using NUnit.Framework;

namespace Docs.Tests.Pages;

[TestFixture]
internal sealed partial class WordingTests
{
    private const int MaxPackageReadme = 40;
    private const int MaxTableLine = 200;

    private static IEnumerable<string> Pages => Repository.Pages;

    private static IEnumerable<string> PackageReadmes => Repository.Pages.Where(static page => PackageReadme().IsMatch(page));

    [TestCaseSource(nameof(Pages))]
    public void No_page_uses_a_name_of_before(string page) =>
        Repository.Read(page).Split('\n').Where(static line => OldName().IsMatch(line)).Should().BeEmpty();

    [TestCaseSource(nameof(Pages))]
    public void Authority_is_only_a_code_on_the_wire(string page) =>
        Repository.Read(page).Split('\n').Where(static line => Authority().IsMatch(line)).Should().BeEmpty();

    [TestCaseSource(nameof(Pages))]
    public void Table_lines_have_at_most_200_columns(string page) =>
        Repository.ReadProse(page).Where(static line => line.Text.StartsWith('|') && line.Text.Length > MaxTableLine).Should().BeEmpty();

    [TestCaseSource(nameof(PackageReadmes))]
    public void A_package_readme_has_at_most_40_lines(string page) =>
        Repository.Read(page).TrimEnd('\n').Split('\n').Should().HaveCountLessThanOrEqualTo(MaxPackageReadme);

    [Test]
    public void Every_package_has_a_readme_of_its_own()
    {
        var projects = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories);

        PackageReadmes.Select(static page => Repository.Read(page).Split('\n')[0])
            .Should().BeEquivalentTo(projects.Select(static project => $"# {Path.GetFileNameWithoutExtension(project)}"));
    }

    [GeneratedRegex("^src/[^/]+/README.md$")]
    private static partial Regex PackageReadme();

    [GeneratedRegex(
        """
        \b(CreditReading|CreditOutcome|SessionVerdict|FileReading|WarmUpReport|RecoveryReport|CreditFloor|ISessionAuthority)
        |\b(Tries|TryTimeout|ReadTries|Freshness|UnversionedFreshness|StaleLimit|LoadInterval|HoldTime|TimeToLive)\b
        |\b(CachedUsers|RememberedUsers|WithoutEffect|SessionRecoveryResources|StoreCalls|CommandTries|PaidHold)\b
        |\b(MapCredits|MapFiles|MapSessionModule)\b|UseCredits<|AddFiles\(
        |[Ii]nitialis|\brunners?\b|\blapsed?\b
        """,
        RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex OldName();

    [GeneratedRegex(@"(?<!`)\b[Aa]uthority\b")]
    private static partial Regex Authority();
}
