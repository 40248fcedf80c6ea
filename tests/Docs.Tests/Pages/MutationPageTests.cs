using System.Diagnostics;
using System.Text.RegularExpressions;
using FluentAssertions;
using NUnit.Framework;

namespace Docs.Tests.Pages;

/// <summary>Compares the patches of <c>tests/Mutations</c> with the code and with the table of their page.</summary>
[TestFixture]
internal sealed partial class MutationPageTests
{
    private static IEnumerable<string> Patches => Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "Mutations"), "*.patch")
        .Select(static path => Path.GetRelativePath(Repository.Root, path)).Order(StringComparer.Ordinal);

    [TestCaseSource(nameof(Patches))]
    public void A_patch_fits_the_code(string patch)
    {
        using var git = Process.Start(new ProcessStartInfo("git")
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardError = true,
            ArgumentList = { "apply", "--check", patch },
        })!;
        var error = git.StandardError.ReadToEnd();
        git.WaitForExit();

        git.ExitCode.Should().Be(0, error);
    }

    [Test]
    public void The_table_has_all_faults()
    {
        var rows = Patches.Select(static patch => Repository.Read(patch)).Select(
            static text => $"| {Read(text, "Fault")} | {Read(text, "Project")} | `{Read(text, "Test")}` |");

        Row().Matches(Repository.Read("docs/mutations.md")).Select(static row => row.Value).Should().Equal(rows);
    }

    private static string Read(string text, string field) =>
        Regex.Match(text, $"^{field}: (.+)$", RegexOptions.Multiline).Groups[1].Value;

    [GeneratedRegex(@"^\| .* \| SessionRecovery\..* \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
