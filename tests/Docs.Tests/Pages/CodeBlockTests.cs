using System.Text.RegularExpressions;
using FluentAssertions;
using NUnit.Framework;

namespace Docs.Tests.Pages;

/// <summary>
/// Compares each code block that follows <c>&lt;!-- file: path --&gt;</c> in a documentation page with that file. If the environment
/// variable <c>UPDATE_DOCS</c> is 1, the test first updates the page.
/// </summary>
[TestFixture]
internal sealed partial class CodeBlockTests
{
    private static IEnumerable<string> PagesWithFiles => Repository.Pages.Where(static page => Block().IsMatch(Repository.Read(page)));

    [TestCaseSource(nameof(PagesWithFiles))]
    public void A_block_from_a_file_equals_the_file(string page)
    {
        var text = Repository.Read(page);
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            text = Block().Replace(text, static match => $"{match.Groups["head"].Value}{Repository.Read(match.Groups["path"].Value)}```");
            Repository.Write(page, text);
        }

        foreach (Match block in Block().Matches(text))
        {
            block.Groups["code"].Value.Should().Be(Repository.Read(block.Groups["path"].Value), "UPDATE_DOCS=1 updates {0}", page);
        }
    }

    [Test]
    public void Every_step_is_shown()
    {
        var shown = Block().Matches(Repository.Read("docs/getting-started.md")).Select(static block => block.Groups["path"].Value)
            .Where(static path => path.StartsWith("samples/", StringComparison.Ordinal));

        shown.Should().BeEquivalentTo(
            "samples/Steps/Step0/Program.cs",
            "samples/Steps/Step1.OwnTable/Program.cs",
            "samples/Steps/Step2.Sqlite/Program.cs",
            "samples/Steps/Supabase/Program.cs");
    }

    [GeneratedRegex(@"(?<head><!-- file: (?<path>\S+) -->\n```csharp\n)(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
